"""`lgsp watch`: proof that what was accepted has arrived, and what has not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import table
from gateway.cli.verbs.options import AsJson

app = typer.Typer(help="help.watch", no_args_is_help=True)
_STAGES: Final = ("stage", "oldest_s", "p50_s", "p99_s")
_GAPS: Final = ("alarm", "worker_id", "version", "target", "detail", "since")
_SHOWN_MAX: Final = 20


@app.command(help="help.watch.status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Lag per stage, and the open gaps with what to do about each."""
    session = session_of(context)
    answer = session.ask("GET", "/v1/watch")
    if as_json:
        print_json(answer)
    else:
        _show(session, answer)
    if answer["gaps"] or not answer["watching"]:
        raise typer.Exit(ExitCode.NOT_VERIFIED)


@app.command(help="help.watch.run")
def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="help.option.watch-once")] = False,
    as_json: AsJson = False,
) -> None:
    """A full pass over everything now; `lgsp serve watch` is the one that goes on."""
    if not once:
        raise CliFault("watch.run-once-only", ExitCode.USAGE)
    code = import_module("gateway.cli.full_pass").run(as_json=as_json, session=session_of(context))
    if code:
        raise typer.Exit(code)


def _show(session: Session, answer: Mapping[str, Any]) -> None:
    if not answer["watching"]:
        session.out.print(session.say("watch.nobody"))
    rows = [{**one, "stage": session.say(f"watch.stage.{one['stage']}")} for one in answer["stages"]]
    if rows:
        session.out.print(table(session, _STAGES, rows))
    show_gaps(session, answer["gaps"], sum(answer["gaps_by_alarm"].values()))
    if answer["watching"] and not answer["gaps"]:
        session.out.print(session.say("watch.no-gap"))


def show_gaps(session: Session, gaps: Iterable[Mapping[str, Any]], total: int) -> None:
    """The oldest ones, and what to do about each kind."""
    shown = [{**one, "since": one.get("found_at")} for one in gaps][:_SHOWN_MAX]
    if not shown:
        return
    session.out.print(table(session, _GAPS, shown))
    if total > len(shown):
        session.out.print(session.say("watch.more-gaps", count=total - len(shown)))
    for alarm in dict.fromkeys(one["alarm"] for one in shown):
        session.out.print(session.say(f"advice.{alarm}"))
