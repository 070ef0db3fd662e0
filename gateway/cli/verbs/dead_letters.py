"""`lgsp dead-letters`: deliveries that could not be made, and making them due again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import print_json, session_of
from gateway.cli.showing import show_members, show_page
from gateway.cli.verbs.options import After, AsJson, Cause, Limit, Purpose, Reference, Target, WorkerId, purpose_headers

app = typer.Typer(help="help.dead-letters", no_args_is_help=True)
_COLUMNS = ("worker_id", "target", "cause", "attempts", "since")
_TargetName = Annotated[str, typer.Argument(metavar="TARGET", help="help.argument.target")]


@app.command("list", help="help.dead-letters.list")
def list_(
    context: typer.Context,
    target: Target = None,
    cause: Cause = None,
    after: After = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Parked deliveries, with cause and attempts."""
    session = session_of(context)
    query = {"target": target, "cause": cause, "after": after, "limit": limit}
    show_page(session, session.ask("GET", "/v1/dead-letters", query), _COLUMNS, as_json)


@app.command(help="help.dead-letters.show")
def show(
    context: typer.Context,
    worker_id: WorkerId,
    target: _TargetName,
    purpose: Purpose = None,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """One dead letter with what the target said."""
    session = session_of(context)
    letter = session.ask("GET", _path(worker_id, target), headers=purpose_headers(purpose, reference))
    if as_json:
        print_json(letter)
        return
    show_members(session, letter, (*_COLUMNS, "answer"))


@app.command(help="help.dead-letters.retry")
def retry(
    context: typer.Context,
    worker_id: Annotated[str | None, typer.Argument(metavar="ID", help="help.argument.worker-id")] = None,
    target_name: Annotated[str | None, typer.Argument(metavar="TARGET", help="help.argument.target")] = None,
    target: Target = None,
    cause: Cause = None,
    everything: Annotated[bool, typer.Option("--all", help="help.option.all")] = False,
    as_json: AsJson = False,
) -> None:
    """One letter, those of a target or a cause, or all."""
    session = session_of(context)
    one, many = worker_id is not None and target_name is not None, worker_id is None
    if not one and not (many and (target or cause or everything)):
        raise CliFault("error.retry-scope", ExitCode.USAGE)
    if worker_id is not None and target_name is not None:
        answer = session.ask("POST", _path(worker_id, target_name) + "/retry")
        sentence = session.say("show.retry-one", worker_id=worker_id, target=target_name)
    else:
        scope = {name: value for name, value in (("target", target), ("cause", cause)) if value}
        answer = session.ask("POST", "/v1/dead-letters/retry", body=scope)
        sentence = session.say("show.retried", count=answer.get("retried", "?"))
    if as_json:
        print_json(answer)
    else:
        session.out.print(sentence)


def _path(worker_id: str, target: str) -> str:
    return f"/v1/dead-letters/{quote(worker_id, safe='')}/{quote(target, safe='')}"
