"""Verbs that run something here: the demonstration, the gateway, the mocks, the generator, the database, the topics.

Their parts are imported only when called: a client's PC needs neither the store nor the adapters to ask a question.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.leash import end_with_parent
from gateway.cli.session import session_of
from gateway.cli.verbs.options import AsJson
from gateway.cli.verbs.stack import order_stack
from gateway.roles import ROLES

mocks = typer.Typer(help="help.mocks", no_args_is_help=True)
data = typer.Typer(help="help.data", no_args_is_help=True)
database = typer.Typer(help="help.db", no_args_is_help=True)
topics = typer.Typer(help="help.topics", no_args_is_help=True)
secrets = typer.Typer(help="help.secrets", no_args_is_help=True)
_CODES = {2: ExitCode.USAGE, 3: ExitCode.CONFIGURATION}
"""What the mocks' own exit codes (wrong use, port taken) are in our table."""

DEMONSTRATION_SEED = 7
"""The simulated systems' own default, so that generated people are those whom the systems know."""

_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


@mocks.callback()
def _mocks() -> None:
    """Keeps `serve` a command of its own while it is the only one."""


@data.callback()
def _data() -> None:
    """Keeps `generate` a command of its own while it is the only one."""


@database.callback()
def _database() -> None:
    """Keeps `upgrade` a command of its own while it is the only one."""


@mocks.command("serve", help="help.mocks.serve", context_settings=_ANYTHING, add_help_option=False)
def mocks_serve(context: typer.Context) -> None:
    """The platform and the three systems, simulated."""
    _mock_services("serve", *context.args)


@data.command(help="help.data.generate", context_settings=_ANYTHING)
def generate(
    context: typer.Context,
    people: Annotated[int, typer.Option("--people", min=1, help="help.option.people")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="help.option.generate-out")],
    seed: Annotated[int, typer.Option("--seed", help="help.option.seed")] = DEMONSTRATION_SEED,
) -> None:
    """Synthetic people of the province."""
    _mock_services("generate", "--people", str(people), "--seed", str(seed), "--out", out, *context.args)


@database.command(help="help.db.upgrade")
def upgrade(context: typer.Context) -> None:
    """The tables of this version."""
    _call("gateway.cli.db", "upgrade", lang=session_of(context).lang)


@secrets.command("make", help="help.secrets.make")
def make_secrets(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="help.argument.secrets-folder")],
    database: Annotated[str, typer.Option("--database", metavar="HOST:PORT", help="help.option.secrets-database")] = (
        "postgresql:5432"
    ),
    simulated: Annotated[bool, typer.Option("--simulated", help="help.option.secrets-simulated")] = False,
) -> None:
    """One file per secret; what is there stays."""
    arguments = {"folder": folder, "database_host": database, "with_simulated": simulated}
    _call("gateway.cli.secret_files", "make", **arguments, lang=session_of(context).lang)


@secrets.command("tls", help="help.secrets.tls")
def make_certificates(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="help.argument.tls-folder")],
    database: Annotated[str, typer.Option("--database", metavar="HOST,…", help="help.option.tls-database")] = (
        "postgresql,localhost,127.0.0.1"
    ),
    kafka: Annotated[str, typer.Option("--kafka", metavar="HOST,…", help="help.option.tls-kafka")] = (
        "kafka,localhost,127.0.0.1"
    ),
    days: Annotated[int, typer.Option("--days", min=1, max=398, help="help.option.tls-days")] = 90,
) -> None:
    """An authority and certificates for a trial; what is there stays."""
    hosts = {"database_hosts": database.split(","), "kafka_hosts": kafka.split(",")}
    _call("gateway.cli.tls_files", "make", folder=folder, **hosts, days=days, lang=session_of(context).lang)


@topics.command("apply", help="help.topics.apply")
def apply_topics(context: typer.Context, as_json: AsJson = False) -> None:
    """The topics of this version."""
    _call("gateway.cli.topics", "apply", as_json=as_json, lang=session_of(context).lang)


@topics.command("check", help="help.topics.check")
def check_topics(context: typer.Context, as_json: AsJson = False) -> None:
    """Differences only."""
    _call("gateway.cli.topics", "check", as_json=as_json, lang=session_of(context).lang)


@topics.command("acls", help="help.topics.acls")
def acls_of_topics(
    context: typer.Context,
    compare: Annotated[bool, typer.Option("--check", help="help.option.acls-check")] = False,
    give: Annotated[bool, typer.Option("--apply", help="help.option.acls-apply")] = False,
    principal: Annotated[str, typer.Option("--principal", metavar="FORM", help="help.option.acls-principal")] = (
        "User:CN=lgsp-{role}"
    ),
    as_json: AsJson = False,
) -> None:
    """Who may do what on Kafka: the table, its differences, or the broker made so."""
    if compare and give:
        raise CliFault("acls.check-or-apply", ExitCode.USAGE)
    do = "apply" if give else "check" if compare else "show"
    _call("gateway.cli.acls", do, principal_form=principal, as_json=as_json, lang=session_of(context).lang)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="help.option.run-once")] = False,
    on_stack: Annotated[bool, typer.Option("--stack", help="help.option.run-stack")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65_535, help="help.option.run-port")] = None,
    mock_ports: Annotated[
        str | None, typer.Option("--mock-ports", metavar="A,B,C,D", help="help.option.run-mock-ports")
    ] = None,
) -> None:
    """Everything on this machine, as a story."""
    if on_stack and (port is not None or mock_ports is not None):
        raise CliFault("run.stack-ports", ExitCode.USAGE)
    if on_stack:
        order_stack(context, "run", *(["--once"] if once else []))
        return
    ports: dict[str, object] = {} if port is None else {"port": port}
    if mock_ports is not None:
        ports["mock_ports"] = _four_ports(mock_ports)
    _call("gateway.cli.run", "run", once=once, lang=session_of(context).lang, **ports)


def serve(
    context: typer.Context,
    role: Annotated[
        str, typer.Argument(metavar="all|api|relay|propagate|capture|watch", help="help.argument.serve")
    ] = "all",
) -> None:
    """The gateway, or one part of it."""
    if role not in ROLES:
        raise CliFault("error.usage-command", ExitCode.USAGE, name=f"serve {role}")
    _call("gateway.cli.serve", "serve", role=role, lang=session_of(context).lang)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Settings and checks."""
    _call("gateway.cli.doctor", "doctor", as_json=as_json, lang=session_of(context).lang)


def _four_ports(text: str) -> tuple[int, ...]:
    """Platform, population, social insurance, labour market. Raises CliFault."""
    parts = [part.strip() for part in text.split(",")]
    ports = tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 5)
    if len(parts) != 4 or len(set(ports)) != 4 or not all(1 <= port <= 65_535 for port in ports):
        raise CliFault("run.mock-ports-wrong", ExitCode.USAGE)
    return ports


def _call(module: str, name: str, **arguments: object) -> None:
    try:
        part = import_module(module)
    except ModuleNotFoundError as error:
        raise CliFault("error.part-missing", ExitCode.UNEXPECTED, part=error.name) from None
    code = getattr(part, name)(**arguments)
    if isinstance(code, int) and code:
        raise typer.Exit(code)


def _mock_services(*arguments: str) -> None:
    """A process of its own: nothing of the house imports the mocks, which are the house's witness."""
    child = subprocess.Popen(
        [sys.executable, "-m", "mock_services", *arguments],
        preexec_fn=end_with_parent,  # noqa: PLW1509 - one thread; else a killed command leaves its ports taken
    )
    while True:
        try:
            code = child.wait()
            break
        except KeyboardInterrupt:
            # The terminal has told the child too; wait for it to end in its own way.
            continue
    if code:
        raise typer.Exit(_CODES.get(code, ExitCode.UNEXPECTED))
