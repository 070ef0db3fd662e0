"""`lgsp audit …`: take the audit trail along, and check what was taken along."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from gateway.audit.verifying import Fault
from gateway.cli.audit_files import check_export, write_export, write_text
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.moments import shown
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_page
from gateway.cli.texts import catalogue
from gateway.cli.verbs.options import AsJson, Purpose, Reference, WorkerId, purpose_headers

app = typer.Typer(help="help.audit", no_args_is_help=True)
_READERS: Final = ("read_at", "actor", "unit", "role", "seen", "purpose", "reference", "position")


@app.command(help="help.audit.export")
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="help.option.audit-out")],
    as_json: AsJson = False,
) -> None:
    """The whole trail into a file, with its signed end."""
    session = session_of(context)
    head = write_export(out, lambda path, query: session.ask("GET", path, query))
    if as_json:
        print_json({"file": str(out), "rows": head.position, "checkpoints": head.checkpoints, "made_at": head.made_at})
        return
    session.out.print(session.say("audit.exported", rows=f"{head.position:,}", file=out, at=shown(head.made_at)))


@app.command(help="help.audit.verify")
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="help.argument.audit-file")],
    key: Annotated[list[Path], typer.Option("--key", metavar="FILE", help="help.option.audit-key")],
    earlier: Annotated[Path | None, typer.Option("--earlier", metavar="FILE", help="help.option.earlier")] = None,
    as_json: AsJson = False,
) -> None:
    """Is an export whole and unchanged? Offline."""
    session = session_of(context)
    found = check_export(file, key, earlier)
    if as_json:
        print_json(_verdict(found))
    if isinstance(found, Fault):
        told = session.say(f"audit.fault.{found.code}")
        raise CliFault("audit.not-whole", ExitCode.NOT_VERIFIED, file=file, line=found.line, told=told)
    if not as_json:
        head = found.head
        facts = {"rows": f"{found.rows:,}", "checkpoints": f"{found.checkpoints:,}", "at": shown(head.made_at)}
        session.out.print(session.say("audit.whole", file=file, signer=head.key_id, **facts))


@app.command("public-key", help="help.audit.public-key")
def public_key(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="help.option.key-out")] = None,
    as_json: AsJson = False,
) -> None:
    """The key that checks the trail's signatures."""
    session = session_of(context)
    answer = session.ask("GET", "/v1/audit/public-key")
    if out is not None:
        write_text(out, str(answer["pem"]))
    if as_json:
        print_json(answer)
    elif out is None:
        session.out.print(str(answer["pem"]).rstrip())
    else:
        session.out.print(session.say("audit.key-written", signer=answer["key_id"], file=out))


@app.command("who-read", help="help.audit.who-read")
def who_read(
    context: typer.Context,
    worker_id: WorkerId,
    before: Annotated[int | None, typer.Option("--before", min=1, help="help.option.before-position")] = None,
    purpose: Purpose = None,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """Who was shown this person's data, newest first."""
    session = session_of(context)
    query: dict[str, object] | None = None if before is None else {"before": before}
    page = session.ask(
        "GET", f"/v1/workers/{quote(worker_id, safe='')}/readers", query, headers=purpose_headers(purpose, reference)
    )
    if not as_json:
        page = {**page, "items": [_in_words(session, one) for one in page.get("items", [])]}
    show_page(session, page, _READERS, as_json)


def _in_words(session: Session, read: dict[str, Any]) -> dict[str, object]:
    """A read as people say it; an action that this version does not know stays as it is."""
    key = f"read.{read['action']}"
    return {
        **read,
        "read_at": shown(read["at"]),
        "seen": session.say(key) if key in catalogue() else read["action"],
    }


def _verdict(found: Any) -> dict[str, object]:
    if isinstance(found, Fault):
        return {"whole": False, **asdict(found)}
    return {
        "whole": True,
        "rows": found.rows,
        "checkpoints": found.checkpoints,
        "made_at": found.head.made_at,
        "key_id": found.head.key_id,
    }
