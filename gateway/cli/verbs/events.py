"""`lgsp events tail`: the stream of events, as it comes."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import typer

from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import cell
from gateway.cli.verbs.options import AsJson

app = typer.Typer(help="help.events", no_args_is_help=True)
WAIT_S = 20
PAGE = 200


@app.callback()
def events() -> None:
    """Keeps `tail` a command of its own while it is the only one."""


@app.command(help="help.events.tail")
def tail(
    context: typer.Context,
    after: Annotated[str, typer.Option("--after", metavar="POSITION", help="help.option.position")] = "0",
    once: Annotated[bool, typer.Option("--once", help="help.option.once")] = False,
    as_json: AsJson = False,
) -> None:
    """Events after a position; waits for the next one until Ctrl-C."""
    session = session_of(context)
    with suppress(KeyboardInterrupt):  # the usual way to end a watch
        _follow(session, after, once=once, as_json=as_json)


def _follow(session: Session, cursor: str, *, once: bool, as_json: bool) -> None:
    with session.gateway() as gateway:
        while True:
            query = {"after": cursor, "limit": PAGE, "wait_s": 0 if once else WAIT_S}
            page = gateway.ask("GET", "/v1/events", query)
            items = page.get("items", [])
            for item in items:
                _show(session, item, as_json)
            cursor = str(page.get("next") or cursor)
            if once and len(items) < PAGE:
                return


def _show(session: Session, item: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(item)
        return
    event = item.get("event", {})
    parts = (item.get("position"), event.get("time"), event.get("type"), event.get("subject"))
    session.out.print(cell("  ".join(str(part) for part in parts if part is not None)))
