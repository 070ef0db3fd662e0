"""`lgsp keys`: what wraps every person's key, and its replacement while the gateway runs. On the server only."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import database_fault, read_settings
from gateway.cli.session import print_json, session_of
from gateway.cli.verbs.options import AsJson
from gateway.clock import system_clock
from gateway.security.key_provider import KeyProvider
from gateway.security.keyring import KeysUnusable
from gateway.security.sealing import CannotOpen
from gateway.store import data_keys
from gateway.store.engine import Database
from gateway.wiring.database import database_url
from gateway.wiring.keys import key_provider, open_vault
from gateway.wiring.reindexing import reindex
from gateway.wiring.rotating import SecondPersonNeeded
from gateway.wiring.rotating import rotate as rotate_keys

app = typer.Typer(help="help.keys", no_args_is_help=True)
_OPERATOR = "operator"


@app.command(help="help.keys.status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Where the house keys are, how many persons' keys they wrap, and whether a rotation was broken off."""
    session = session_of(context)
    provider, database = _opened()
    try:
        keyring = provider.load()
        retired, coming = len(keyring.retired), keyring.next_index is not None
        with database.read() as connection:
            people = data_keys.count(connection)
    except KeysUnusable as error:
        raise CliFault("error.keys-unusable", ExitCode.CONFIGURATION, cause=error) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    finally:
        database.close()
    if as_json:
        print_json({"file": provider.where, "keys": people, "rotating": retired > 0 or coming})
        return
    session.out.print(session.say("keys.status", file=provider.where, keys=f"{people:,}"))
    if retired or coming:
        session.out.print(session.say("keys.rotating"))


@app.command(help="help.keys.propose")
def propose(
    context: typer.Context,
    key: Annotated[Literal["key_encryption", "index"], typer.Option("--key", help="help.option.house-key")],
    as_json: AsJson = False,
) -> None:
    """That a house key be replaced: somebody else confirms."""
    session = session_of(context)
    answer = session.ask("POST", "/v1/keys/rotations", body={"key": key})
    if as_json:
        print_json(answer)
        return
    done = "keys.no-approval-needed" if answer["state"] == "active" else "keys.proposed"
    session.out.print(session.say(done, **answer))


@app.command(help="help.keys.rotate")
def rotate(
    context: typer.Context,
    index: Annotated[bool, typer.Option("--index", help="help.option.rotate-index")] = False,
    approval: Annotated[int | None, typer.Option("--approval", metavar="N", min=1, help="help.option.approval")] = None,
    as_json: AsJson = False,
) -> None:
    """A new key-encryption or index key, while the gateway runs."""
    session = session_of(context)
    provider, database = _opened()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    shown = Console(file=sys.stderr)
    try:
        with Progress(*columns, console=shown, transient=True) as bar:
            task = bar.add_task(session.say("keys.index-under-way" if index else "keys.under-way"), total=None)
            # Before anything is written: is this the key file of this database?
            open_vault(provider, database)
            made = (reindex if index else rotate_keys)(
                provider,
                database,
                system_clock,
                _OPERATOR,
                lambda done, total: bar.update(task, completed=done, total=total),
                approval=approval,
            )
    except SecondPersonNeeded as error:
        raise CliFault(f"keys.approval-{error}", ExitCode.REFUSED) from None
    except KeysUnusable as error:
        raise CliFault("error.keys-unusable", ExitCode.CONFIGURATION, cause=error) from None
    except CannotOpen:
        raise CliFault("keys.others", ExitCode.CONFIGURATION, file=provider.where) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    finally:
        database.close()
    if as_json:
        print_json({"file": provider.where, "keys": made.keys, "changed": made.changed})
        return
    told = {"keys": f"{made.changed if index else made.keys:,}", "file": provider.where}
    session.out.print(session.say("keys.index-rotated" if index else "keys.rotated", **told))
    if index and made.changed < made.keys:
        session.out.print(session.say("keys.index-unknown", keys=f"{made.keys - made.changed:,}"))


def _opened() -> tuple[KeyProvider, Database]:
    settings = read_settings()
    return key_provider(settings), Database(database_url(settings))
