"""`lgsp register`: incidents and people's requests, and what remains of their time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import quote

import typer

from gateway.cli.moments import moment, shown
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_members, show_page, table
from gateway.cli.verbs.options import AsJson
from gateway.clock import system_clock
from gateway.register.kinds import kinds, said
from gateway.store.register import CaseType

app = typer.Typer(help="help.register", no_args_is_help=True)
_LISTED: Final = ("case", "what", "state", "reference", "due_at", "remains")
_SHOWN: Final = ("case", "what", "begun_at", "people", "worker_id", "reference", "registered_by", "state", "next_step")
_STEPS: Final = ("step", "time", "by", "reference")
_Reference: TypeAlias = Annotated[str, typer.Option("--reference", metavar="TEXT", help="help.option.case-reference")]
_Number: TypeAlias = Annotated[str, typer.Argument(metavar="N", help="help.argument.case")]


@app.command(help="help.register.incident")
def incident(
    context: typer.Context,
    kind: Annotated[str, typer.Option("--kind", metavar="|".join(kinds("incident")), help="help.option.case-kind")],
    detected_at: Annotated[str, typer.Option("--detected-at", metavar="TIME", help="help.option.detected-at")],
    people: Annotated[int, typer.Option("--people", min=0, help="help.option.case-people")],
    reference: _Reference,
    as_json: AsJson = False,
) -> None:
    """An incident was detected."""
    at = moment(detected_at, system_clock())
    body = {"kind": kind, "detected_at": at, "people": people, "reference": reference}
    _registered(context, "/v1/register/incidents", body, as_json)


@app.command(help="help.register.request")
def request(
    context: typer.Context,
    kind: Annotated[str, typer.Option("--kind", metavar="|".join(kinds("request")), help="help.option.case-kind")],
    worker: Annotated[str, typer.Option("--worker", metavar="ID", help="help.option.case-worker")],
    received_at: Annotated[str, typer.Option("--received-at", metavar="TIME", help="help.option.case-received-at")],
    reference: _Reference,
    as_json: AsJson = False,
) -> None:
    """A person asked for something."""
    at = moment(received_at, system_clock())
    body = {"kind": kind, "worker_id": worker, "received_at": at, "reference": reference}
    _registered(context, "/v1/register/requests", body, as_json)


@app.command("list", help="help.register.list")
def listed(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="help.option.case-open")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="help.option.case-overdue")] = False,
    as_json: AsJson = False,
) -> None:
    """What must be done next comes first."""
    session = session_of(context)
    query = {"open": _spelt(only_open), "overdue": _spelt(overdue)}
    answer = session.ask("GET", "/v1/register", query)
    page = answer if as_json else {"items": [_row(session, one) for one in answer["items"]]}
    show_page(session, page, _LISTED, as_json)


@app.command(help="help.register.show")
def show(context: typer.Context, number: _Number, as_json: AsJson = False) -> None:
    """One case with its steps."""
    session = session_of(context)
    answer = session.ask("GET", f"/v1/register/cases/{_place(number)}")
    if as_json:
        print_json(answer)
        return
    show_members(session, _row(session, answer), _SHOWN)
    if answer["steps"]:
        steps = [{**one, "step": session.say(f"step.{one['step']}"), "time": one["at"]} for one in answer["steps"]]
        session.out.print(table(session, _STEPS, steps))
    _say_deadline(session, answer)


@app.command(help="help.register.step")
def step(
    context: typer.Context,
    number: _Number,
    taken: Annotated[str, typer.Argument(metavar="acknowledged|reported|closed", help="help.argument.case-step")],
    reference: _Reference,
    as_json: AsJson = False,
) -> None:
    """The case's next step was taken."""
    session = session_of(context)
    body = {"step": taken, "reference": reference}
    answer = session.ask("POST", f"/v1/register/cases/{_place(number)}/steps", body=body)
    if as_json:
        print_json(answer)
        return
    session.out.print(session.say("register.stepped", case=answer["case"], step=session.say(f"step.{taken}")))
    _say_deadline(session, answer)


def _registered(context: typer.Context, path: str, body: Mapping[str, object], as_json: bool) -> None:
    session = session_of(context)
    answer = session.ask("POST", path, body=body)
    if as_json:
        print_json(answer)
        return
    session.out.print(session.say("register.registered", case=answer["case"]))
    _say_deadline(session, answer)


def _say_deadline(session: Session, case: Mapping[str, Any]) -> None:
    """Until when what must be done; and where the holidays of that time are not sure, that they are not."""
    if case["remaining"] is not None:
        step = session.say(f"step.{case['next_step']}")
        values = {"step": step, "due_at": shown(case["due_at"]), "remains": _remains(session, case)}
        session.out.print(session.say("register.due", **values))
        if case["calendar"] in ("computed", "fixed"):
            session.out.print(session.say(f"register.calendar.{case['calendar']}"))


def _row(session: Session, case: Mapping[str, Any]) -> dict[str, object]:
    of: CaseType = "incident" if case["type"] == "incident" else "request"
    return {
        **case,
        "what": said(of, str(case["kind"]), session.lang),
        "state": session.say(f"step.{case['state']}"),
        "next_step": session.say(f"step.{case['next_step']}") if case["next_step"] else None,
        "begun_at": shown(case["begun_at"]),
        "due_at": shown(case["due_at"]),
        "remains": _remains(session, case),
    }


def _remains(session: Session, case: Mapping[str, Any]) -> str:
    """As `còn 1 ngày làm việc` or `quá hạn 3 giờ`; nothing where no deadline runs."""
    left = case["remaining"]
    if left is None:
        return ""
    if left["overdue"]:
        return session.say(f"remains.overdue.{left['unit']}", amount=left["amount"])
    last_day = left["unit"] == "working_days" and left["amount"] == 0
    return session.say("remains.last-day" if last_day else f"remains.{left['unit']}", amount=left["amount"])


def _spelt(flag: bool) -> str:
    return "true" if flag else "false"


def _place(number: str) -> str:
    return quote(number.strip().upper(), safe="")
