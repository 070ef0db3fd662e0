"""`lgsp clients|people|agencies|proposals|whoami`: who may call, decided by two people."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import quote

import orjson
import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import show_members, show_page, table
from gateway.cli.verbs.options import AsJson
from gateway.permissions import ROLES

_CALLER: Final = ("name", "agency", "unit", "role", "tier", "state", "changed_at")
_KEYS: Final = ("key_id", "kind", "state", "created_at", "expires_at")
_SECRETS: Final = ("secret", "access_key", "secret_key", "lgspaccesstoken")
_PROPOSED: Final = ("proposal", "name", "act", "content", "proposed_by", "proposed_at", "expires_at")
Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="help.argument.caller")]
_Number: TypeAlias = Annotated[int, typer.Argument(metavar="N", help="help.argument.proposal")]

agencies = typer.Typer(help="help.agencies", no_args_is_help=True)
proposals = typer.Typer(help="help.proposals", no_args_is_help=True)


@agencies.command("list", help="help.agencies.list")
def list_agencies(context: typer.Context, as_json: AsJson = False) -> None:
    """Agencies that callers belong to."""
    session = session_of(context)
    show_page(session, session.ask("GET", "/v1/agencies"), ("code", "name"), as_json)


@agencies.command("add", help="help.agencies.add")
def add_agency(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="help.argument.agency")],
    name: Annotated[str, typer.Option("--name", help="help.option.agency-name")],
    as_json: AsJson = False,
) -> None:
    """Add an agency, or rename it."""
    session = session_of(context)
    _told(session, session.ask("POST", "/v1/agencies", body={"code": code, "name": name}), "callers.agency", as_json)


@proposals.command("list", help="help.proposals.list")
def list_proposals(context: typer.Context, as_json: AsJson = False) -> None:
    """What waits for a second person."""
    session = session_of(context)
    show_page(session, session.ask("GET", "/v1/proposals"), _PROPOSED, as_json)


@proposals.command(help="help.proposals.confirm")
def confirm(context: typer.Context, number: _Number, as_json: AsJson = False) -> None:
    """What another proposed becomes so."""
    session = session_of(context)
    _done(session, session.ask("POST", f"/v1/proposals/{number}/confirm"), "callers.confirmed", as_json)


@proposals.command(help="help.proposals.refuse")
def refuse(context: typer.Context, number: _Number, as_json: AsJson = False) -> None:
    """The proposal ends."""
    session = session_of(context)
    _told(session, session.ask("POST", f"/v1/proposals/{number}/refuse"), "callers.refused", as_json)


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """The caller as the gateway sees it."""
    session = session_of(context)
    found = session.ask("GET", "/v1/whoami")
    if as_json:
        print_json(found)
        return
    show_members(session, found, ("name", "agency", "unit", "role", "tier", "permissions"))


def _path(name: str, *rest: str) -> str:
    return "/".join(["/v1/callers", quote(name, safe=""), *rest])


def _told(session: Session, answer: dict[str, Any], key: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        session.out.print(session.say(key, **answer))


def group(kind: str) -> typer.Typer:
    """The verbs for one kind of caller; `kind` is client or person."""
    app = typer.Typer(help=f"help.callers.{kind}", no_args_is_help=True)
    app.command("list", help="help.callers.list")(_listing(kind))
    app.command("add", help="help.callers.add")(_adding(kind))
    app.command("show", help="help.callers.show")(_show)
    app.command("disable", help="help.callers.disable")(_disable)
    app.command("key", help=f"help.callers.key.{kind}")(_key)
    app.command("withdraw", help="help.callers.withdraw")(_withdraw)
    if kind == "client":
        app.command("jwks", help="help.callers.jwks")(_jwks)
    return app


def _listing(kind: str) -> Any:
    def list_callers(context: typer.Context, as_json: AsJson = False) -> None:
        session = session_of(context)
        show_page(session, session.ask("GET", "/v1/callers", {"kind": kind}), _CALLER, as_json)

    return list_callers


def _adding(kind: str) -> Any:
    default = next(role for role, text in ROLES.items() if text.kind == kind)

    def add(
        context: typer.Context,
        name: Name,
        agency: Annotated[str, typer.Option("--agency", metavar="CODE", help="help.option.agency")],
        unit: Annotated[str, typer.Option("--unit", metavar="CODE", help="help.option.unit")],
        role: Annotated[str, typer.Option("--role", metavar="ROLE", help="help.option.role")] = default,
        tier: Annotated[str | None, typer.Option("--tier", help="help.option.tier")] = None,
        address: Annotated[list[str] | None, typer.Option("--address", help="help.option.address")] = None,
        as_json: AsJson = False,
    ) -> None:
        session = session_of(context)
        wanted = {"name": name, "kind": kind, "agency": agency, "unit": unit, "role": role}
        wanted |= {"tier": tier} if tier else {}
        answer = session.ask("POST", "/v1/callers", body={**wanted, "addresses": address or []})
        _done(session, answer, "callers.added", as_json)

    return add


def _show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    session = session_of(context)
    found = session.ask("GET", _path(name))
    if as_json:
        print_json(found)
        return
    show_members(session, found, (*_CALLER, "addresses"))
    session.out.print(table(session, _KEYS, found["keys"]))


def _disable(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    session = session_of(context)
    _told(session, session.ask("POST", _path(name, "disable")), "callers.disabled", as_json)


def _key(
    context: typer.Context,
    name: Name,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="help.option.days")] = 90,
    as_json: AsJson = False,
) -> None:
    session = session_of(context)
    made = session.ask("POST", _path(name, "keys"), body={"days": days})
    _done(session, made, "callers.added", as_json)


def _done(session: Session, answer: dict[str, Any], key: str, as_json: bool) -> None:
    """What became of an order: it waits for a second person, or it is done; a key is shown here and never again."""
    if "access_key" in answer:
        answer["lgspaccesstoken"] = _header_of(answer["access_key"], answer["secret_key"])
    _told(session, answer, "callers.proposed" if answer["state"] == "proposed" else key, as_json)
    shown = [member for member in _SECRETS if member in answer]
    if shown and not as_json:
        session.err.print(session.say("callers.shown-once"))
        show_members(session, answer, ("key_id", "expires_at", *shown))


def _header_of(access_key: str, secret_key: str) -> str:
    said = {"AccessKey": access_key, "SecretKey": secret_key, "AppName": "", "PartnerCode": "", "PartnerCodeCus": ""}
    return base64.b64encode(orjson.dumps(said)).decode()


def _withdraw(
    context: typer.Context,
    name: Name,
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="help.argument.key-id")],
    as_json: AsJson = False,
) -> None:
    session = session_of(context)
    answer = session.ask("DELETE", _path(name, "keys", quote(key_id, safe="")))
    _told(session, answer, "callers.withdrawn", as_json)


def _jwks(
    context: typer.Context,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="help.argument.jwks")],
    as_json: AsJson = False,
) -> None:
    session = session_of(context)
    try:
        jwks = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CliFault("callers.jwks-unreadable", ExitCode.FILE, file=file, cause=type(error).__name__) from None
    _done(session, session.ask("PUT", _path(name, "jwks"), body=jwks), "callers.added", as_json)
