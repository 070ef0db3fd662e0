"""`lgsp entries submit`: from a file to a result per row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as RichTable

from gateway.cli.connection import Gateway, Refused, Unreachable, fault_of
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json
from gateway.cli.showing import cell, table
from gateway.cli.submitting.courier import Courier, Patience
from gateway.cli.submitting.flow import Flow, Plan
from gateway.cli.submitting.journal import Journal, run_identity
from gateway.cli.submitting.outcome import STATES, Outcome, Remark, rule_remark
from gateway.cli.submitting.paused import paused_notes
from gateway.cli.submitting.progress import SubmissionProgress
from gateway.cli.submitting.proofs import Proofs, keep_receipts
from gateway.cli.submitting.results import KINDS, Results, open_results
from gateway.cli.submitting.summary import Reason, Summary
from gateway.cli.tables import Defaults, Table, TableRefused, open_table


@dataclass(frozen=True, slots=True)
class Wish:
    """What the sender asked for."""

    file: Path
    defaults: Defaults
    chunk: int = 200
    in_flight: int = 2
    out: Path | None = None
    receipts: Path | None = None
    resume: bool = True
    wait_s: float | None = None
    as_json: bool = False


def submit(session: Session, wish: Wish) -> ExitCode:
    """Submit a file. Raises CliFault; whatever it raises, answered rows are in the journal and the result file."""
    _check_out(wish)
    _check_receipts(wish)
    try:
        opened = open_table(wish.file, wish.defaults)
        identity = run_identity(wish.file, wish.defaults)
    except TableRefused as refused:
        raise file_fault(refused) from None
    for note in opened.notes:
        session.err.print(session.say(note.key, **note.values))
    summary, proofs = Summary(), Proofs()
    with session.gateway() as gateway:
        journal = Journal(wish.file, identity, resume=wish.resume)
        results = open_results(wish.out, session.lang) if wish.out else None
        try:
            _announce(session, journal)
            _run(session, gateway, wish, opened, journal, results, summary, proofs, identity)
            if wish.receipts is not None:
                keep_receipts(session, gateway, wish.receipts, proofs)
            for sentence in paused_notes(session, gateway.paused):
                session.err.print(sentence)
        finally:
            journal.close()
            if results is not None:
                results.close()
    return _report(session, wish, summary)


def file_fault(refused: TableRefused) -> CliFault:
    """The sentence for a file that cannot be read."""
    return CliFault(f"fault.{refused.code}", ExitCode.FILE, **refused.values)


def _check_out(wish: Wish) -> None:
    if wish.out is None:
        return
    if wish.out.suffix.lower() not in KINDS:
        raise CliFault("submit.out-kind", ExitCode.USAGE)
    if wish.out.resolve() == wish.file.resolve():
        raise CliFault("submit.out-same", ExitCode.USAGE)


def _check_receipts(wish: Wish) -> None:
    taken = {one.resolve() for one in (wish.file, wish.out) if one is not None}
    if wish.receipts is not None and wish.receipts.resolve() in taken:
        raise CliFault("submit.receipts-same", ExitCode.USAGE)


def _announce(session: Session, journal: Journal) -> None:
    if journal.held:
        session.err.print(session.say("submit.resuming", done=len(journal.held)))
    elif journal.is_of_other_run:
        session.err.print(session.say("submit.other-file"))
    if not journal.is_writable:
        session.err.print(session.say("submit.no-journal", path=journal.path.name))


def _run(
    session: Session,
    gateway: Gateway,
    wish: Wish,
    opened: Table,
    journal: Journal,
    results: Results | None,
    summary: Summary,
    proofs: Proofs,
    identity: str,
) -> None:
    with SubmissionProgress(session, opened.rows_about) as progress:
        patience = Patience(wish.wait_s, started_at=time.monotonic())
        courier = Courier(gateway, patience, progress.waits)
        rules = _rules_of(gateway, journal)
        plan = Plan(identity, journal.held, wish.chunk, wish.in_flight, wish.out is not None, session.lang, rules)
        flow = Flow(courier, plan)

        def keep(outcomes: list[Outcome]) -> None:
            journal.add(one for one in outcomes if one.row not in journal.held)
            if results is not None:
                results.write(outcomes)
            summary.add(outcomes)
            proofs.add(outcomes)
            progress.show(summary)

        try:
            for outcomes in flow.outcomes(opened.rows):
                keep(outcomes)
        except (KeyboardInterrupt, Unreachable, Refused, TableRefused) as error:
            for outcomes in flow.rest():
                keep(outcomes)
            raise _fault(error, gateway.url, summary) from None


def _rules_of(gateway: Gateway, journal: Journal) -> dict[str, Remark]:
    """The journal keeps only the rules' codes; what they say is asked once. Without an answer the codes must do."""
    if not any(held.rules for held in journal.held.values()):
        return {}
    try:
        items = gateway.ask("GET", "/v1/rules").get("items")
    except (Unreachable, Refused):
        return {}
    found = [rule_remark(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {remark.rule: remark for remark in found}


def _fault(error: BaseException, url: str, summary: Summary) -> CliFault:
    if isinstance(error, KeyboardInterrupt):
        return CliFault("submit.interrupted", ExitCode.INTERRUPTED, done=summary.rows)
    if isinstance(error, TableRefused):
        return file_fault(error)
    if isinstance(error, Unreachable):
        if not summary.rows:
            return fault_of(error, url)
        return CliFault("submit.unreachable", ExitCode.UNREACHABLE, url=url, cause=error.cause, done=summary.rows)
    assert isinstance(error, Refused)
    return fault_of(error, url)


def _report(session: Session, wish: Wish, summary: Summary) -> ExitCode:
    code = ExitCode.OK if summary.is_clean else ExitCode.DOUBTED
    if wish.as_json:
        print_json({"file": wish.file.name, **summary.as_json(), "exit_code": int(code)})
        return code
    if not summary.rows:
        session.out.print(session.say("submit.nothing"))
        return code
    _show_states(session, summary)
    _show_reasons(session, summary)
    if wish.out is not None:
        session.out.print(session.say("submit.out-written", path=wish.out))
    return code


def _show_states(session: Session, summary: Summary) -> None:
    counted = [
        {"state": session.say(f"state.{state}"), "rows": f"{summary.states[state]:,}"}
        for state in STATES
        if summary.states[state]
    ]
    session.out.print(table(session, ("state", "rows"), counted))


def _show_reasons(session: Session, summary: Summary) -> None:
    reasons = summary.weightiest_first()
    if weighty := [reason for reason in reasons if reason.severity != "note"]:
        session.out.print(_reasons(session, weighty))
    if notes := [f"{reason.rule} ×{reason.count}" for reason in reasons if reason.severity == "note"]:
        session.out.print(session.say("submit.notes", notes=", ".join(notes)))


def _reasons(session: Session, reasons: Sequence[Reason]) -> RichTable:
    shown = table(session, ("rule", "count", "first_rows", "message", "remedy"), [])
    for reason in reasons:
        rows = ", ".join(map(str, reason.first_rows)) + (" …" if reason.count > len(reason.first_rows) else "")
        style = {"refuse": "red", "warn": "yellow"}.get(reason.severity, "")
        shown.add_row(
            cell(reason.rule), cell(reason.count), cell(rows), cell(reason.message), cell(reason.remedy), style=style
        )
    return shown
