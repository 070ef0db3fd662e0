"""`lgsp workers`: look a person up by number, and read a record. Numbers travel in a body, never in an address."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from getpass import getpass
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_members, show_page, table
from gateway.cli.verbs.options import NUMBER_LENGTH_MAX, AsJson, Purpose, Reference, WorkerId, purpose_headers

app = typer.Typer(help="help.workers", no_args_is_help=True)
ON_STANDARD_INPUT: Final = "-"
_SUMMARY = ("worker_id", "full_name", "birth_year", "commune", "version")
_PROVENANCE = ("group", "source", "as_of", "values")
_HISTORY = ("version", "type", "recorded_at", "changed", "entry_id", "position")


@app.command(help="help.workers.find")
def find(
    context: typer.Context,
    personal_number: Annotated[str | None, typer.Option(help="help.option.personal-number")] = None,
    cmnd: Annotated[str | None, typer.Option(help="help.option.cmnd")] = None,
    social_insurance_number: Annotated[str | None, typer.Option(help="help.option.social-insurance-number")] = None,
    name: Annotated[str | None, typer.Option(help="help.option.name")] = None,
    birth_date: Annotated[str | None, typer.Option(help="help.option.birth-date")] = None,
    purpose: Purpose = None,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """People with this number, or this name and birth date."""
    session = session_of(context)
    given = {
        "personal_number": personal_number,
        "cmnd": cmnd,
        "social_insurance_number": social_insurance_number,
        "full_name": name,
        "birth_date": birth_date,
    }
    wanted = {key: _typed(session, value) for key, value in given.items() if value}
    if not wanted or set(wanted) in ({"full_name"}, {"birth_date"}):
        raise CliFault("error.lookup-empty", ExitCode.USAGE)
    headers = purpose_headers(purpose, reference)
    show_page(session, session.ask("POST", "/v1/workers/lookup", body=wanted, headers=headers), _SUMMARY, as_json)


def _typed(session: Session, value: str) -> str:
    """What was given; for `-` what is typed now, which neither the shell's history nor the list of processes keeps."""
    if value != ON_STANDARD_INPUT:
        return value
    typed = getpass(session.say("workers.type-number")) if sys.stdin.isatty() else sys.stdin.readline(NUMBER_LENGTH_MAX)
    return typed.strip()


@app.command(help="help.workers.show")
def show(
    context: typer.Context,
    worker_id: WorkerId,
    history: Annotated[bool, typer.Option("--history", help="help.option.history")] = False,
    purpose: Purpose = None,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """A record, group by group, and its state in each system; or its versions."""
    session = session_of(context)
    path, headers = f"/v1/workers/{quote(worker_id, safe='')}", purpose_headers(purpose, reference)
    if history:
        show_page(session, session.ask("GET", f"{path}/history", headers=headers), _HISTORY, as_json)
        return
    record = session.ask("GET", path, headers=headers)
    if as_json:
        print_json(record)
        return
    show_members(session, record, ("worker_id", "version", "commune"))
    session.out.print(table(session, _PROVENANCE, _groups(record.get("groups") or {})))
    targets = ("target", "state", "wanted_version", "applied_version", "cause", "next_attempt_at")
    session.out.print(table(session, targets, record.get("targets") or []))


def _groups(groups: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for name, group in groups.items():
        values = group.get("values") or {}
        yield {
            "group": name,
            **group,
            "values": [f"{key}={_short(value)}" for key, value in values.items() if value is not None],
        }


def _short(value: object) -> str:
    if isinstance(value, dict):
        return "/".join(str(one) for one in value.values() if one is not None)
    return "" if value is None else str(value)
