"""`lgsp receipts`: signed receipts, which prove to others that an entry was taken in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.moments import shown
from gateway.cli.receipt_files import check_receipts, fetch, write_receipts
from gateway.cli.session import print_json, session_of
from gateway.cli.verbs.options import AsJson

app = typer.Typer(help="help.receipts", no_args_is_help=True)


@app.command("fetch", help="help.receipts.fetch")
def fetch_batch(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="help.argument.batch")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="help.option.receipts-out")],
    leaf: Annotated[int | None, typer.Option("--leaf", min=0, help="help.option.leaf")] = None,
) -> None:
    """Receipts of a batch into a file."""
    session = session_of(context)
    with session.gateway() as gateway:
        found = fetch(gateway.ask, batch)
    wanted = [one for at, one in sorted(found.items()) if leaf in (None, at)]
    if not wanted:
        raise CliFault("receipts.no-leaf", ExitCode.REFUSED, leaf=leaf)
    write_receipts(out, wanted)
    session.out.print(session.say("receipts.kept", number=f"{len(wanted):,}", file=out))


@app.command(help="help.receipts.verify")
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="help.argument.receipts-file")],
    key: Annotated[list[Path], typer.Option("--key", metavar="FILE", help="help.option.audit-key")],
    entry: Annotated[Path | None, typer.Option("--entry", metavar="FILE", help="help.option.receipt-entry")] = None,
    as_json: AsJson = False,
) -> None:
    """Are the receipts genuine? Offline."""
    session = session_of(context)
    found = check_receipts(file, key, entry)
    if as_json:
        print_json({"genuine": found.fault is None, **asdict(found)})
    if found.fault is not None:
        told = session.say(f"receipts.fault.{found.fault}")
        raise CliFault("receipts.not-genuine", ExitCode.NOT_VERIFIED, file=file, line=found.line, told=told)
    if as_json:
        return
    first, last = (shown(at) if at is not None else "" for at in (found.first_at, found.last_at))
    facts = {"number": f"{found.receipts:,}", "senders": ", ".join(found.senders), "first": first, "last": last}
    session.out.print(session.say("receipts.genuine", **facts))
    if entry is not None:
        lines = ", ".join(map(str, found.lines_of_entry))
        session.out.print(session.say("receipts.of-entry", entry=entry, lines=lines))
