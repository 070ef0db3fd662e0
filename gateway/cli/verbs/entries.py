"""`lgsp entries`: submit a file, and see what became of an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import typer

from contracts.codelists import load
from contracts.dates import is_iso_date
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import print_json, session_of
from gateway.cli.showing import show_findings, show_members, table
from gateway.cli.submitting.submission import Wish
from gateway.cli.submitting.submission import submit as submit_file
from gateway.cli.tables import Defaults
from gateway.cli.verbs.options import AsJson, EntryId

app = typer.Typer(help="help.entries", no_args_is_help=True)
CHUNK_MAX = 1_000
IN_FLIGHT_MAX = 8
_SHOWN = ("id", "state", "received_at", "form", "declared_on", "commune", "worker_id", "version")
_TARGETS = ("target", "state", "wanted_version", "applied_version", "attempts", "cause", "next_attempt_at")


@app.command(help="help.entries.submit")
def submit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="help.argument.file")],
    form: Annotated[Literal["tt11_mau03", "nd318"] | None, typer.Option("--form", help="help.option.form")] = None,
    declared_on: Annotated[str | None, typer.Option("--declared-on", help="help.option.declared-on")] = None,
    commune: Annotated[str | None, typer.Option("--commune", help="help.option.submit-commune")] = None,
    chunk: Annotated[int, typer.Option("--chunk", min=1, max=CHUNK_MAX, help="help.option.chunk")] = 200,
    in_flight: Annotated[int, typer.Option("--in-flight", min=1, max=IN_FLIGHT_MAX, help="help.option.in-flight")] = 2,
    out: Annotated[Path | None, typer.Option("--out", metavar="RESULT", help="help.option.out")] = None,
    receipts: Annotated[
        Path | None, typer.Option("--receipts", metavar="RECEIPTS", help="help.option.receipts")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume/--no-resume", help="help.option.resume")] = True,
    wait: Annotated[float | None, typer.Option("--wait", min=0, max=86_400, help="help.option.wait")] = None,
    as_json: AsJson = False,
) -> None:
    """Submit a file, row by row."""
    if declared_on is not None and not is_iso_date(declared_on):
        raise CliFault("submit.date-wrong", ExitCode.USAGE)
    if commune is not None and commune not in load("laichau_communes_2025"):
        raise CliFault("submit.commune-wrong", ExitCode.USAGE)
    defaults = Defaults(form, declared_on, commune)
    wish = Wish(file, defaults, chunk, in_flight, out, receipts, resume, wait, as_json)
    raise typer.Exit(submit_file(session_of(context), wish))


@app.command(help="help.entries.show")
def show(context: typer.Context, entry_id: EntryId, as_json: AsJson = False) -> None:
    """An entry, what is doubted of it, and its state in each system."""
    session = session_of(context)
    entry = session.ask("GET", f"/v1/entries/{quote(entry_id, safe='')}")
    if as_json:
        print_json(entry)
        return
    show_members(session, entry, _SHOWN)
    show_findings(session, entry.get("findings") or [])
    if targets := entry.get("targets"):
        session.out.print(table(session, _TARGETS, targets))
