"""`lgsp db upgrade`: bring the database to the tables of this version."""

from __future__ import annotations

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from contracts.problems import Language
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import database_fault, read_settings
from gateway.cli.texts import say
from gateway.store import migrations
from gateway.wiring.database import database_url


def upgrade(lang: Language = "vi") -> None:
    """Run the migrations that are missing; running it again changes nothing. Raises CliFault."""
    url = database_url(read_settings())
    try:
        waiting = migrations.pending_migrations(url)
        migrations.upgrade(url)
    except migrations.DatabaseTooNew as error:
        raise CliFault("error.database-too-new", ExitCode.CONFIGURATION, cause=error) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    Console(highlight=False).print(say("db.upgraded", lang, count=len(waiting)))
