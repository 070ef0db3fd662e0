"""Leases: who alone may do a thing, until when. A row with an expiry and an epoch, on both databases.

Not an advisory lock: a process that is stopped, not dead, would keep that for ever. The epoch rises with every change
of holder; whoever writes under a lease locks its row and compares the epoch in the same transaction. That, not the
clocks of the processes, keeps a stale holder from writing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, text

from gateway.clock import Clock, instant
from gateway.store.engine import Database
from gateway.store.schema import leases

_TAKE: Final = text(
    """
    INSERT INTO leases (name, holder, epoch, expires_at) VALUES (:name, :holder, 1, :until)
    ON CONFLICT (name) DO UPDATE SET holder = :holder, epoch = leases.epoch + 1, expires_at = :until
    WHERE leases.expires_at <= :now
    RETURNING epoch
    """
)
_MINE: Final = "WHERE name = :name AND holder = :holder AND epoch = :epoch"
_RENEW: Final = text(f"UPDATE leases SET expires_at = :until {_MINE}")  # noqa: S608 - a constant of this module
_RELEASE: Final = text(f"UPDATE leases SET expires_at = :now {_MINE}")  # noqa: S608 - a constant of this module


class LeaseLost(Exception):
    """Somebody else holds the lease now, or may: what was about to be written must not be."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as taken; it is still held while its row carries this holder and epoch."""

    name: str
    holder: str
    epoch: int


class Leases:
    """The leases of one database. `holder` must differ between processes, a restarted one included."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, name: str, holder: str, duration_s: float) -> Lease | None:
        """Take a lease that is free or has expired; None while another, or this holder itself, has it."""
        if not self._is_free(name):
            return None
        values = {"name": name, "holder": holder, "now": self._now(), "until": self._now(duration_s)}
        with self._database.write() as connection:
            epoch = connection.execute(_TAKE, values).scalar()
        return None if epoch is None else Lease(name, holder, epoch)

    def is_held(self, lease: Lease) -> bool:
        """Whether the row still names this holder and epoch, unexpired. Another may take it the next moment."""
        query = select(leases.c.expires_at).where(
            leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.epoch == lease.epoch
        )
        with self._database.read() as connection:
            expires_at = connection.execute(query).scalar()
        return expires_at is not None and expires_at > self._now()

    def renew(self, lease: Lease, duration_s: float) -> None:
        """Hold it for `duration_s` from now. Raises LeaseLost."""
        with self._database.write() as connection:
            self.lock(connection, lease, duration_s)

    def lock(self, connection: Connection, lease: Lease, duration_s: float) -> None:
        """Inside a caller's transaction: lock the row until commit and renew it. Raises LeaseLost.

        An expired lease that nobody took is still ours: while the epoch stands, nobody else has begun.
        """
        values = {"name": lease.name, "holder": lease.holder, "epoch": lease.epoch, "until": self._now(duration_s)}
        if connection.execute(_RENEW, values).rowcount != 1:
            raise LeaseLost(lease.name)

    def release(self, lease: Lease) -> None:
        """Let the next one begin at once; without effect if the lease is lost already."""
        values = {"name": lease.name, "holder": lease.holder, "epoch": lease.epoch, "now": self._now()}
        with self._database.write() as connection:
            connection.execute(_RELEASE, values)

    def _is_free(self, name: str) -> bool:
        # Those who wait look often; a look must not cost a write transaction.
        query = select(leases.c.expires_at).where(leases.c.name == name)
        with self._database.read() as connection:
            expires_at = connection.execute(query).scalar()
        return expires_at is None or expires_at <= self._now()

    def _now(self, later_s: float = 0.0) -> str:
        return instant(self._clock() + dt.timedelta(seconds=later_s))
