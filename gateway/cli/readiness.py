"""What `lgsp doctor` says of an installation that is to hold real people: each weakness, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from contracts.problems import Language
from gateway.callers.administration import ADMINISTRATORS_MIN
from gateway.cli.demonstration.callers import NAMES
from gateway.cli.texts import say
from gateway.clock import instant, system_clock
from gateway.settings import Settings
from gateway.store import callers
from gateway.store.engine import Database
from gateway.wiring.weaknesses import weaknesses

_DEMONSTRATED: Final = frozenset(NAMES)


def weak_settings(settings: Settings, lang: Language) -> Iterator[str]:
    """A sentence for each; nothing outside production, where they do no harm."""
    if settings.mode == "production":
        yield from (say(f"weak.{one.code}", lang, what=one.what) for one in weaknesses(settings))


def weak_callers(settings: Settings, database: Database, lang: Language) -> Iterator[str]:
    """The same of who may call; nothing while the database cannot be asked, of which others tell."""
    if settings.mode != "production":
        return
    try:
        with database.read() as connection:
            administrators = callers.count_with_keys(connection, "administrator", instant(system_clock()))
            everybody = {row.name for row in callers.everybody(connection) if row.state == "active"}
    except SQLAlchemyError:
        return
    if administrators < ADMINISTRATORS_MIN:
        yield say("weak.administrators", lang, found=administrators, needed=ADMINISTRATORS_MIN)
    elif settings.callers.installation_token:
        yield say("weak.installation-token", lang)
    if known := sorted(everybody & _DEMONSTRATED):
        yield say("weak.demonstration", lang, names=", ".join(known))
