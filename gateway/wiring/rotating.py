"""The key-encryption key rotates while the house is open.

A new one is kept, every person's key is wrapped by it, and the old one is forgotten when nothing needs it any more. A
run that is broken off is continued by the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.callers.administration import ADMINISTRATORS_MIN, ROTATION
from gateway.clock import Clock, instant
from gateway.security.key_provider import KeyProvider
from gateway.security.keyring import KeysUnusable
from gateway.security.sealing import Vault
from gateway.store import approvals, audit, callers, data_keys
from gateway.store.engine import Database
from gateway.wiring.renewing import EVERY_S

HEARD_AFTER_S: Final = 5 * EVERY_S
"""By then every running process wraps with the new key."""
OTHER_UNDER_WAY: Final = (
    "một lần thay khóa khác còn dở dang, hãy chạy lại {command} trước / "
    "another rotation was broken off, run {command} again first"
)
Tell = Callable[[int, int], None]
"""(keys looked at, of how many)."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """`keys`: all that there are; `changed`: wrapped anew by this run."""

    keys: int
    changed: int


class SecondPersonNeeded(Exception):
    """Nobody replaces a house key alone (OWASP ASVS 5.0, 2.3.5); the message is why this approval does not do."""


def rotate(
    provider: KeyProvider,
    database: Database,
    clock: Clock,
    actor: str,
    tell: Tell,
    sleep: Callable[[float], None] = time.sleep,
    approval: int | None = None,
) -> Rotated:
    """Blocks until it is done. Raises KeysUnusable, CannotOpen, SQLAlchemyError; then the next run goes on, without
    being approved again. Raises SecondPersonNeeded before anything is changed."""
    with provider.alone():
        keyring = provider.load()
        if keyring.next_index is not None:
            raise KeysUnusable(OTHER_UNDER_WAY.format(command="lgsp keys rotate --index"))
        if not keyring.retired:
            # The same once more: where nothing can be kept, no approval is used up.
            provider.replace(keyring)
            permit(database, "key_encryption", approval, instant(clock()))
            keyring = keyring.rotated()
            provider.replace(keyring)
        sleep(HEARD_AFTER_S)
        looked_at, changed = _rewrapped(Vault(keyring), database, tell)
        provider.replace(keyring.settled())
    at, told = instant(clock()), {"keys": looked_at, "changed": changed, "approval": approval}
    with database.write() as connection:
        audit.add(connection, at, actor, "keys:rotated", "key_encryption", told)
    return Rotated(looked_at, changed)


def _rewrapped(vault: Vault, database: Database, tell: Tell) -> tuple[int, int]:
    changed = looked_at = 0
    # Until a whole pass finds nothing: a process that was slow to hear may have wrapped one more with the old key.
    while True:
        found, looked_at = _pass(vault, database, tell)
        changed += found
        if not found:
            return looked_at, changed


def permit(database: Database, key: str, approval: int | None, at: str) -> None:
    """Use an approval up. Without one only while there are no two people to agree. Raises SecondPersonNeeded."""
    with database.write() as connection:
        if approval is not None:
            fault = approvals.use(connection, ROTATION, key, approval, at)
        else:
            alone = callers.count_with_keys(connection, "administrator", at) < ADMINISTRATORS_MIN
            fault = None if alone else "missing"
    if fault is not None:
        raise SecondPersonNeeded(fault)


def _pass(vault: Vault, database: Database, tell: Tell) -> tuple[int, int]:
    with database.read() as connection:
        total = data_keys.count(connection)
    changed = looked_at = 0
    last: str | None = None
    while True:
        with database.write() as connection:
            page = data_keys.rewrap(connection, last, vault.rewrapped)
        changed, looked_at, last = changed + page.changed, looked_at + page.looked_at, page.last
        tell(looked_at, max(total, looked_at))
        if page.looked_at < data_keys.KEYS_PER_PAGE:
            return changed, looked_at
