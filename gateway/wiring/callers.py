"""The room of callers, built."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.callers.administration import Administration
from gateway.callers.assertions import Assertions
from gateway.callers.directory import Directory
from gateway.callers.proofs import Proofs
from gateway.callers.settings import CallerSettings
from gateway.callers.tokens import Tokens
from gateway.clock import Clock
from gateway.settings import Settings
from gateway.store.engine import Database


@dataclass(frozen=True, slots=True)
class CallersRoom:
    """What the door asks about callers."""

    directory: Directory
    administration: Administration
    assertions: Assertions
    tokens: Tokens
    proofs: Proofs


def build_callers(settings: Settings, database: Database, clock: Clock, token_key: bytes) -> CallersRoom:
    """`token_key` signs tokens: the same in every process of this house."""
    said = settings.callers
    limits = CallerSettings(said.issuer, said.known_for_s)
    directory = Directory(database, clock, limits)
    return CallersRoom(
        directory,
        Administration(database, clock, directory.refresh),
        Assertions(database, directory, clock, limits),
        Tokens(token_key, directory, clock, limits),
        Proofs(clock),
    )
