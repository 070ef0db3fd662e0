"""`lgsp people erase`: a worker is erased when two people agree. A number comes by standard input only."""

from __future__ import annotations

import sys
from typing import Annotated, Final, TypeAlias

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_page
from gateway.cli.verbs.options import NUMBER_LENGTH_MAX, AsJson, Purpose, Reference, purpose_headers

_SHOWN: Final = ("erasure", "worker_id", "state", "reference", "requested_by", "expires_at", "decided_by", "decided_at")
_Number: TypeAlias = Annotated[int, typer.Argument(metavar="N", help="help.argument.erasure")]


def add_to(people: typer.Typer) -> None:
    """Put these verbs beside those about accounts."""
    people.command("erase", help="help.people.erase")(erase)
    people.command("erasures", help="help.people.erasures")(erasures)
    people.command("erase-confirm", help="help.people.erase-confirm")(confirm)
    people.command("erase-refuse", help="help.people.erase-refuse")(refuse)


def erase(
    context: typer.Context,
    worker_id: Annotated[str | None, typer.Argument(metavar="ID", help="help.argument.erase-id")] = None,
    purpose: Purpose = None,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a person to be erased."""
    session, headers = session_of(context), purpose_headers(purpose, reference)
    named = worker_id or _by_number(session, headers)
    answer = session.ask("POST", "/v1/erasures", body={"worker_id": named}, headers=headers)
    _told(session, answer, "erasing.requested", as_json)


def erasures(context: typer.Context, as_json: AsJson = False) -> None:
    """What was asked for and what became of it."""
    session = session_of(context)
    show_page(session, session.ask("GET", "/v1/erasures"), _SHOWN, as_json)


def confirm(context: typer.Context, number: _Number, as_json: AsJson = False) -> None:
    """The second person's word."""
    session = session_of(context)
    _told(session, session.ask("POST", f"/v1/erasures/{number}/confirm"), "erasing.confirmed", as_json)


def refuse(context: typer.Context, number: _Number, as_json: AsJson = False) -> None:
    """The request ends."""
    session = session_of(context)
    _told(session, session.ask("POST", f"/v1/erasures/{number}/refuse"), "erasing.refused", as_json)


def _by_number(session: Session, headers: dict[str, str]) -> str:
    number = sys.stdin.readline(NUMBER_LENGTH_MAX).strip()
    found = (
        session.ask("POST", "/v1/workers/lookup", body={"personal_number": number}, headers=headers) if number else {}
    )
    people = found.get("items", [])
    if len(people) != 1:
        raise CliFault("erasing.number-missing", ExitCode.USAGE)
    return str(people[0]["worker_id"])


def _told(session: Session, answer: dict[str, object], key: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        session.out.print(session.say(key, **answer))
