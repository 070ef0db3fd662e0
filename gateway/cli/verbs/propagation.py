"""`lgsp propagation`: how sending to each system stands, who waits behind what, and pausing a system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.moments import after as after_start
from gateway.cli.moments import moment, shown
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_page, table
from gateway.cli.texts import catalogue
from gateway.cli.verbs.options import After, AsJson, Cause, Limit
from gateway.clock import system_clock

app = typer.Typer(help="help.propagation", no_args_is_help=True)
_TargetName = Annotated[str, typer.Argument(metavar="TARGET", help="help.argument.target")]
_STATES: Final = ("due", "sending", "unknown", "waiting_for_identity", "parked", "settled")
_WAITING: Final = ("worker_id", "state", "cause", "attempts", "since", "next_attempt_at")


@app.command(help="help.propagation.status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Each system: sent to or paused, its people by state, and every process's breaker."""
    session = session_of(context)
    answer = session.ask("GET", "/v1/targets")
    if as_json:
        print_json(answer)
        return
    session.out.print(table(session, ("target", "sending_to", *_STATES), map(_target_row(session), answer["items"])))
    for item in answer["items"]:
        if item.get("pause"):
            session.out.print(_pause_sentence(session, item["target"], item["pause"]))
    senders = [{**one, "cause": one.get("cause")} for item in answer["items"] for one in item["senders"]]
    if not senders:
        session.out.print(session.say("propagation.no-process"))
        return
    rows = [{**one, "breaker": session.say(f"breaker.{one['breaker']}")} for one in senders]
    session.out.print(table(session, ("target", "process", "breaker", "cause", "calls_under_way"), rows))


@app.command(help="help.propagation.blocked")
def blocked(context: typer.Context, as_json: AsJson = False) -> None:
    """Who waits behind what, the largest crowd first, and what to do about it."""
    session = session_of(context)
    answer = session.ask("GET", "/v1/propagation/blocked")
    if as_json:
        print_json(answer)
        return
    items = answer["items"]
    if pending := answer.get("pending_events", 0):
        session.out.print(session.say("propagation.not-on-stream", count=f"{pending:,}"))
    if not items and pending:
        return
    if not items:
        session.out.print(session.say("propagation.nobody-waits"))
        return
    rows = [_blocked_row(session, one) for one in items]
    session.out.print(table(session, ("target", "people", "behind", "cause", "since", "next_attempt_at"), rows))
    for key in dict.fromkeys(_advice(one) for one in items):
        session.out.print(session.say(key))


@app.command(help="help.propagation.waiting")
def waiting(
    context: typer.Context,
    target: _TargetName,
    cause: Cause = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="|".join(_STATES[:-1]), help="help.option.state")
    ] = None,
    after: After = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The people who wait for one system, those waiting longest first."""
    session = session_of(context)
    query = {"target": target, "state": state, "cause": cause, "after": after, "limit": limit}
    show_page(session, session.ask("GET", "/v1/propagation/waiting", query), _WAITING, as_json)


@app.command(help="help.propagation.pause")
def pause(
    context: typer.Context,
    target: _TargetName,
    reason: Annotated[str, typer.Option("--reason", help="help.option.pause-reason")],
    maintenance: Annotated[bool, typer.Option("--maintenance", help="help.option.maintenance")] = False,
    starts: Annotated[str | None, typer.Option("--from", metavar="HH:MM", help="help.option.pause-from")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="HH:MM", help="help.option.pause-until")] = None,
    lasts: Annotated[str | None, typer.Option("--for", metavar="90m|2h", help="help.option.pause-for")] = None,
    as_json: AsJson = False,
) -> None:
    """Send nothing to a system, now or in an announced window."""
    session = session_of(context)
    if not reason.strip():
        raise CliFault("error.reason-empty", ExitCode.USAGE)
    if until is not None and lasts is not None:
        raise CliFault("error.until-and-for", ExitCode.USAGE)
    now = system_clock()
    starts_at = None if starts is None else moment(starts, now)
    begins = now if starts_at is None else dt.datetime.fromisoformat(starts_at)
    ends_at = moment(until, begins) if until is not None else after_start(lasts, begins) if lasts is not None else None
    order = {
        "cause": "maintenance" if maintenance else "by-hand",
        "reason": reason,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    made = session.ask("POST", f"/v1/targets/{quote(target, safe='')}/pause", body=order)
    if as_json:
        print_json(made)
        return
    session.out.print(_pause_sentence(session, target, made))


@app.command(help="help.propagation.resume")
def resume(context: typer.Context, target: _TargetName, as_json: AsJson = False) -> None:
    """Send to a system again; what waits goes by itself."""
    session = session_of(context)
    answer = session.ask("POST", f"/v1/targets/{quote(target, safe='')}/resume")
    if as_json:
        print_json(answer)
        return
    session.out.print(session.say("propagation.resumed", target=target))


def _target_row(session: Session) -> Any:
    def row(item: Mapping[str, Any]) -> dict[str, object]:
        counted = {state: f"{item['people'].get(state, 0):,}" for state in _STATES}
        return {"target": item["target"], "sending_to": session.say(f"sending_to.{item['state']}"), **counted}

    return row


def _pause_sentence(session: Session, target: str, pause: Mapping[str, Any]) -> str:
    begun = pause["starts_at"] <= pause["paused_at"]
    return session.say(
        "propagation.paused" if pause.get("ends_at") else "propagation.paused-open",
        target=target,
        cause=session.say(f"pause.{pause['cause']}"),
        starts=shown(pause["paused_at"] if begun else pause["starts_at"]),
        ends=shown(pause.get("ends_at")),
        by=pause["paused_by"],
        reason=pause["reason"],
    )


def _blocked_row(session: Session, one: Mapping[str, Any]) -> dict[str, object]:
    cause = one.get("cause") or ""
    said = session.say(f"pause.{cause}") if one["behind"] == "pause" else one.get("said")
    return {
        "target": one["target"],
        "people": f"{one['people']:,}",
        "behind": session.say(f"behind.{one['behind']}"),
        "cause": f"{cause}: {said}" if said else cause,
        "since": one["oldest_since"],
        "next_attempt_at": one.get("next_attempt_at"),
    }


def _advice(one: Mapping[str, Any]) -> str:
    """The sentence that says who can end this wait: by the cause's class where there is one."""
    by_class = f"advice.{one['behind']}.{one.get('cause_class')}"
    return by_class if by_class in catalogue() else f"advice.{one['behind']}"
