"""`lgsp quarantine`: entries in doubt, and a person's decision on them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_findings, show_page
from gateway.cli.verbs.options import After, AsJson, EntryId, Limit, Reason

app = typer.Typer(help="help.quarantine", no_args_is_help=True)


@app.command("list", help="help.quarantine.list")
def list_(context: typer.Context, after: After = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """Entries that wait, oldest first."""
    session = session_of(context)
    page = session.ask("GET", "/v1/quarantine", {"after": after, "limit": limit})
    if not as_json:
        page = {**page, "items": [_row(item) for item in page.get("items", [])]}
    show_page(session, page, ("id", "received_at", "commune", "form", "declared_on", "findings"), as_json)


@app.command(help="help.quarantine.release")
def release(context: typer.Context, entry_id: EntryId, reason: Reason, as_json: AsJson = False) -> None:
    """Believe an entry after all."""
    session = session_of(context)
    receipt = _decide(session, entry_id, "release", reason)
    if as_json:
        print_json(receipt)
        return
    state = session.say(f"state.{receipt['state']}") if receipt.get("state") else ""
    session.out.print(session.say("show.released", id=entry_id, state=state))
    show_findings(session, receipt.get("findings", []))


@app.command(help="help.quarantine.reject")
def reject(context: typer.Context, entry_id: EntryId, reason: Reason, as_json: AsJson = False) -> None:
    """End an entry; the person is asked again."""
    session = session_of(context)
    answer = _decide(session, entry_id, "reject", reason)
    if as_json:
        print_json(answer)
        return
    session.out.print(session.say("show.released", id=entry_id, state=session.say("state.rejected")))


def _decide(session: Session, entry_id: str, decision: str, reason: str) -> dict[str, Any]:
    if not reason.strip():
        raise CliFault("error.reason-empty", ExitCode.USAGE)
    return session.ask("POST", f"/v1/quarantine/{quote(entry_id, safe='')}/{decision}", body={"reason": reason})


def _row(item: dict[str, Any]) -> dict[str, Any]:
    """The serious findings, since a row has no room for notes."""
    rules = [one["rule"] for one in item.get("findings", []) if one.get("severity") != "note"]
    return {**item, "findings": rules}
