"""`lgsp doctor`: the settings with secrets masked, where each comes from, and whether every part answers."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from contracts.adapter_port import AdapterError
from contracts.problems import Language
from gateway.cli.exit_codes import ExitCode
from gateway.cli.readiness import weak_callers, weak_settings
from gateway.cli.serve import database_fault, read_settings
from gateway.cli.session import print_json
from gateway.cli.texts import say
from gateway.security.keyring import KeysUnusable
from gateway.settings import DEFAULT_FILE, FILE_VARIABLE, SECRETS_VARIABLE, Settings
from gateway.store import migrations
from gateway.store.engine import Database
from gateway.store.tls import tls_fault
from gateway.stream.kafka import topics
from gateway.stream.kafka.handshake import handshake_fault
from gateway.stream.port import StreamUnavailable
from gateway.wiring.clear_ways import ways_in_clear
from gateway.wiring.database import database_url
from gateway.wiring.keys import key_provider
from gateway.wiring.streams import kafka_settings
from gateway.wiring.systems import build_systems, token_source

_HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting: its name as an environment variable, its value masked if secret, and where it comes from."""

    variable: str
    value: str
    origin: Literal["environment", "secret file", "file", "default"]
    meaning: str


@dataclass(frozen=True, slots=True)
class Check:
    """One part and how it is."""

    part: str
    state: Literal["ok", "warning", "failed"]
    detail: str


def doctor(as_json: bool = False, lang: Language = "vi") -> int:
    """Print settings and checks; answers the exit code: 0 when every part that `serve` needs is well."""
    settings = read_settings()
    lines = list(setting_lines(settings))
    checks = [*local_checks(settings, lang), *stream_checks(settings, lang), *remote_checks(settings, lang)]
    if settings.mode == "production" and all(one.part not in ("weak", "tls") for one in checks):
        database_is_well = any(one.part == "database" and one.state == "ok" for one in checks)
        # Who may call stands in the database: unless that was looked at, nothing is known to be strong.
        if database_is_well:
            checks.append(Check("weak", "ok", say("doctor.strong", lang)))
        else:
            checks.append(Check("weak", "failed", say("doctor.callers-not-seen", lang)))
    if as_json:
        print_json({"settings": [asdict(one) for one in lines], "checks": [asdict(one) for one in checks]})
    else:
        _show(Console(highlight=False), lines, checks, lang)
    failed = {one.part for one in checks if one.state == "failed"}
    if not failed:
        return int(ExitCode.OK)
    return int(ExitCode.CONFIGURATION if failed <= {"weak", "tls", "keys", "outbound"} else ExitCode.UNREACHABLE)


def setting_lines(settings: Settings) -> Iterator[SettingLine]:
    """Every setting, in order."""
    file = Path(os.environ.get(FILE_VARIABLE, DEFAULT_FILE))
    in_file: dict[str, Any] = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return _walk(settings, (), in_file)


def _walk(part: BaseModel, path: tuple[str, ...], in_file: Any) -> Iterator[SettingLine]:
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        here = (*path, name)
        given = in_file.get(name) if isinstance(in_file, dict) else None
        if isinstance(value, BaseModel):
            yield from _walk(value, here, given)
            continue
        variable = "LGSP_" + "__".join(here).upper()
        origin: Literal["environment", "secret file", "file", "default"] = "default"
        if variable in {known.upper() for known in os.environ}:
            origin = "environment"
        elif _in_secret_file(variable):
            origin = "secret file"
        elif given is not None:
            origin = "file"
        shown = _HIDDEN if isinstance(value, SecretStr) else _without_password(str(value))
        yield SettingLine(variable, shown, origin, info.description or "")


def _in_secret_file(variable: str) -> bool:
    folder = os.environ.get(SECRETS_VARIABLE)
    return folder is not None and (Path(folder) / variable.lower()).is_file()


def _without_password(value: str) -> str:
    head, at, tail = value.rpartition("@")
    scheme, colon, secret = head.rpartition(":")
    return f"{scheme}:{_HIDDEN}@{tail}" if at and colon and not secret.startswith("//") else value


def local_checks(settings: Settings, lang: Language) -> Iterator[Check]:
    """Keys and database."""
    provider = key_provider(settings)
    try:
        provider.load()
        yield Check("keys", "ok", provider.where)
    except KeysUnusable as error:
        missing = not provider.exists()
        yield Check(
            "keys", "warning" if missing else "failed", say("doctor.keys-later", lang) if missing else str(error)
        )
    if clear := ways_in_clear(settings):
        state: Literal["warning", "failed"] = "failed" if settings.mode == "production" else "warning"
        yield Check("tls", state, say("error.ways-in-clear", lang, names=", ".join(clear)))
    yield from (Check("weak", "failed", told) for told in weak_settings(settings, lang))
    yield from _database_check(settings, lang)


def _database_check(settings: Settings, lang: Language) -> Iterator[Check]:
    url = database_url(settings)
    file = make_url(url).database if url.startswith("sqlite") else None
    if file is not None and not Path(file).exists():
        # Asking would make it, in whatever folder the question was asked.
        yield Check("database", "warning", say("doctor.keys-later", lang))
        return
    database = Database(url)
    try:
        waiting = migrations.pending_migrations(url)
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
        detail = (
            say("doctor.migrations-waiting", lang, count=len(waiting))
            if waiting
            else say("doctor.database-current", lang)
        )
        yield Check("database", "warning" if waiting else "ok", detail)
        if not waiting:
            yield from (Check("weak", "failed", told) for told in weak_callers(settings, database, lang))
    except SQLAlchemyError as error:
        fault = database_fault(error)
        told = type(error).__name__ if tls_fault(error) is None else say(fault.key, lang, **fault.values)
        yield Check("database", "failed", told)
    finally:
        database.close()


def stream_checks(settings: Settings, lang: Language) -> list[Check]:
    """Kafka and its topics; the embedded stream is a part of the database."""
    if not settings.uses_kafka:
        return []
    said = kafka_settings(settings)
    try:
        drifts = asyncio.run(topics.check(said))
    except (topics.TopicsRefused, ValueError) as error:
        return [Check("kafka", "failed", str(error))]
    except StreamUnavailable as error:
        fault = asyncio.run(handshake_fault(said))
        return [Check("kafka", "failed", say(f"error.kafka-tls-{fault}", lang) if fault else str(error))]
    if any(drift.kind == "missing" for drift in drifts):
        return [Check("kafka", "failed", say("doctor.topics-missing", lang))]
    state: Literal["ok", "warning"] = "warning" if drifts else "ok"
    return [Check("kafka", state, say("doctor.topics-differ" if drifts else "doctor.topics-current", lang))]


def remote_checks(settings: Settings, lang: Language) -> list[Check]:
    """The three systems, if there are credentials to ask them with."""
    if missing := settings.missing_secrets():
        return [Check("platform", "failed", say("error.secrets-missing", lang, names=", ".join(missing)))]
    try:
        return asyncio.run(_ping_all(settings))
    except ValueError as error:
        # An address that must not be called, or certificate files that cannot be used: `serve` would not start.
        return [Check("outbound", "failed", str(error))]


async def _ping_all(settings: Settings) -> list[Check]:
    token = token_source(settings)
    systems = build_systems(settings, token)
    checks = []
    for name, adapter in systems.items():
        try:
            pong = await adapter.ping()
            checks.append(Check(name, "ok", f"{pong.latency_ms:.1f} ms"))
        except AdapterError as error:
            # A system that is away stops nobody from being served, so it only warns.
            checks.append(Check(name, "warning", error.cause))
        await adapter.close()
    await token.close()
    return checks


def _show(console: Console, lines: list[SettingLine], checks: list[Check], lang: Language) -> None:
    table = Table(title=say("doctor.settings", lang), show_lines=False)
    for heading in ("variable", "value", "origin", "meaning"):
        table.add_column(say(f"doctor.{heading}", lang), overflow="fold")
    for line in lines:
        table.add_row(line.variable, line.value, line.origin, line.meaning)
    console.print(table)
    marks = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "failed": "[red]✗[/red]"}
    for check in checks:
        console.print(f"{marks[check.state]} {check.part}: {check.detail}")
