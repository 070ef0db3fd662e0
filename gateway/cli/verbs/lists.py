"""`lgsp rules`, `lgsp verifications`: lists, and asking about a person again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from gateway.cli.session import print_json, session_of
from gateway.cli.showing import show_page, without_placeholders
from gateway.cli.verbs.options import After, AsJson, Limit, WorkerId

rules = typer.Typer(help="help.rules", no_args_is_help=True)
verifications = typer.Typer(help="help.verifications", no_args_is_help=True)


@rules.callback()
def _rules() -> None:
    """Keeps `list` a command of its own while it is the only one."""


@rules.command("list", help="help.rules.list")
def list_rules(
    context: typer.Context,
    family: Annotated[str | None, typer.Option("--family", help="help.option.family")] = None,
    as_json: AsJson = False,
) -> None:
    """Every rule with its message, remedy and source."""
    session = session_of(context)
    page = session.ask("GET", "/v1/rules")
    if family is not None:
        chosen = [item for item in page.get("items", []) if item.get("family") == family]
        page = {**page, "items": chosen}
    if not as_json:
        general = [{**item, "message": without_placeholders(item.get("message"))} for item in page.get("items", [])]
        page = {**page, "items": general}
    show_page(session, page, ("rule", "severity", "fields", "message", "remedy", "source"), as_json)


@verifications.command("list", help="help.verifications.list")
def list_verifications(
    context: typer.Context,
    outcome: Annotated[str | None, typer.Option("--outcome", help="help.option.outcome")] = None,
    after: After = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """People by the population database's answer."""
    session = session_of(context)
    page = session.ask("GET", "/v1/verifications", {"outcome": outcome, "after": after, "limit": limit})
    columns = ("worker_id", "outcome", "differing", "cause", "attempts", "since", "commune")
    show_page(session, page, columns, as_json)


@verifications.command("ask", help="help.verifications.ask")
def ask_again(context: typer.Context, worker_id: WorkerId, as_json: AsJson = False) -> None:
    """Ask the population database about one person once more."""
    session = session_of(context)
    answer = session.ask("POST", f"/v1/verifications/{quote(worker_id, safe='')}/ask")
    if as_json:
        print_json(answer)
        return
    session.out.print(session.say("show.asked-again", worker_id=worker_id))
