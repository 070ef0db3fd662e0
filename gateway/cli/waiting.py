"""What a process of one role waits for before it begins: parts start in any order, and each says what it lacks."""

from __future__ import annotations

import time
from typing import Final

from rich.console import Console
from sqlalchemy.exc import OperationalError

from contracts.problems import Language
from gateway.cli.texts import say
from gateway.store import migrations
from gateway.store.tls import tls_fault

LOOK_AGAIN_S: Final = 0.5
SAY_AGAIN_S: Final = 10.0


def wait_for_tables(url: str, lang: Language) -> None:
    """Return once the database answers and has the tables of this version; a signal ends the wait.

    Raises DatabaseTooNew, and SQLAlchemyError for what waiting does not mend.
    """
    console = Console(stderr=True, highlight=False)
    said_at_s, said = 0.0, ""
    while (lacking := _lacking(url, lang)) is not None:
        if lacking != said or time.monotonic() > said_at_s + SAY_AGAIN_S:
            console.print(lacking)
            said_at_s, said = time.monotonic(), lacking
        time.sleep(LOOK_AGAIN_S)


def _lacking(url: str, lang: Language) -> str | None:
    try:
        missing = migrations.pending_migrations(url)
    except OperationalError as error:
        if tls_fault(error) is not None:
            raise
        return say("serve.waiting-database", lang, cause=type(error.orig).__name__)
    return say("serve.waiting-tables", lang, count=len(missing)) if missing else None
