"""`lgsp keys`: what wraps every person's key, and its replacement while the gateway runs. On the server only."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import database_fault, read_settings
from gateway.cli.session import print_json, session_of
from gateway.cli.verbs.options import AsJson
from gateway.clock import system_clock
from gateway.security.keyring import KeyFile, KeysUnusable
from gateway.security.sealing import CannotOpen
from gateway.store import data_keys
from gateway.store.engine import Database
from gateway.wiring.database import database_url
from gateway.wiring.keys import open_vault
from gateway.wiring.rotating import rotate as rotate_keys

app = typer.Typer(help="help.keys", no_args_is_help=True)
_OPERATOR = "operator"


@app.command(help="help.keys.status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Where the house keys are, how many persons' keys they wrap, and whether a rotation was broken off."""
    session = session_of(context)
    provider, database = _opened()
    try:
        retired = len(provider.load().retired)
        with database.read() as connection:
            people = data_keys.count(connection)
    except KeysUnusable as error:
        raise CliFault("error.keys-unusable", ExitCode.CONFIGURATION, cause=error) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    finally:
        database.close()
    if as_json:
        print_json({"file": str(provider.path), "keys": people, "rotating": retired > 0})
        return
    session.out.print(session.say("keys.status", file=provider.path, keys=f"{people:,}"))
    if retired:
        session.out.print(session.say("keys.rotating"))


@app.command(help="help.keys.rotate")
def rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """A new key-encryption key, while the gateway runs."""
    session = session_of(context)
    provider, database = _opened()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    shown = Console(file=sys.stderr)
    try:
        with Progress(*columns, console=shown, transient=True) as bar:
            task = bar.add_task(session.say("keys.under-way"), total=None)
            # Before anything is written: is this the key file of this database?
            open_vault(provider.path, database)
            made = rotate_keys(
                provider,
                database,
                system_clock,
                _OPERATOR,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    except KeysUnusable as error:
        raise CliFault("error.keys-unusable", ExitCode.CONFIGURATION, cause=error) from None
    except CannotOpen:
        raise CliFault("keys.others", ExitCode.CONFIGURATION, file=provider.path) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    finally:
        database.close()
    if as_json:
        print_json({"file": str(provider.path), "keys": made.keys, "changed": made.changed})
        return
    session.out.print(session.say("keys.rotated", keys=f"{made.keys:,}", file=provider.path))


def _opened() -> tuple[KeyFile, Database]:
    settings = read_settings()
    return KeyFile(Path(settings.keys.file)), Database(database_url(settings))
