"""`lgsp db upgrade`: bring the database to the tables of this version."""

from __future__ import annotations

import sys

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.exit_codes import ExitCode
from gateway.cli.serve import CannotStart, read_settings
from gateway.cli.words import say
from gateway.store import migrations


def upgrade(lang: str = "vi") -> None:
    """Run the migrations that are missing; running it again changes nothing."""
    console = Console()
    try:
        url = read_settings(lang).database.url
        waiting = migrations.pending_migrations(url)
        migrations.upgrade(url)
    except CannotStart as error:
        console.print(f"[red]✗[/red] {error}")
        sys.exit(error.code)
    except SQLAlchemyError as error:
        console.print(f"[red]✗[/red] {say('database_down', lang, cause=type(error).__name__)}")
        sys.exit(ExitCode.UNREACHABLE)
    console.print(say("migrated", lang, count=len(waiting)))
