"""The one live relay's hold on its lease: taken when free, renewed in time, checked before each send."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.relay.settings import LEASE_NAME, RelaySettings
from gateway.store.leases import Lease, LeaseLost, Leases
from gateway.stream.port import Outcome

RENEWALS_PER_LEASE: Final = 3

_log = structlog.get_logger("gateway.relay")


class Tenure:
    """What this process knows of its lease. Safety rests on the row's epoch, never on what is known here."""

    def __init__(self, leases: Leases, holder: str, settings: RelaySettings) -> None:
        self._leases = leases
        self._holder = holder
        self._duration_s = settings.lease_duration_s
        self._lease: Lease | None = None
        self._renewed_at = 0.0

    @property
    def is_held(self) -> bool:
        """Whether there is a lease that this process has renewed in time."""
        return self._lease is not None and time.monotonic() < self._renewed_at + self._duration_s

    async def current(self) -> Lease | None:
        """The lease: as held (renewed when that is due), or taken now; None while another relay has it."""
        if self._lease is None:
            self._lease = await asyncio.to_thread(self._leases.take, LEASE_NAME, self._holder, self._duration_s)
            if self._lease is not None:
                self.note_renewal()
                _log.info("relay.lease_taken", holder=self._holder, epoch=self._lease.epoch)
        elif self._seconds_left_until_renewal() <= 0:
            await self.renew(self._lease)
        return self._lease

    async def check(self, lease: Lease) -> None:
        """Read the row just before a send. Raises LeaseLost."""
        if not await asyncio.to_thread(self._leases.is_held, lease):
            # Expired, but perhaps taken by nobody: then it can still be renewed.
            await self.renew(lease)

    async def renew(self, lease: Lease) -> None:
        """Raises LeaseLost."""
        await asyncio.to_thread(self._leases.renew, lease, self._duration_s)
        self.note_renewal()

    async def keep_during(self, lease: Lease, work: asyncio.Task[list[Outcome]]) -> None:
        """Renew until the work is done: a slow stream must not look like a dead relay."""
        while not (await asyncio.wait({work}, timeout=self._duration_s / RENEWALS_PER_LEASE))[0]:
            try:
                await self.renew(lease)
            except (LeaseLost, SQLAlchemyError):
                # The send cannot be called back, and must not run beside the next one. Its records are not settled:
                # they stay pending, and whoever has the lease then sends them again.
                await asyncio.wait({work})
                raise

    def note_renewal(self) -> None:
        """The row was renewed inside another transaction."""
        self._renewed_at = time.monotonic()

    def forget(self) -> None:
        """The lease is lost; the next `current` asks for a new one."""
        if self._lease is not None:
            _log.warning("relay.lease_lost", holder=self._holder, epoch=self._lease.epoch)
        self._lease = None

    async def release(self) -> None:
        """Let another relay begin at once."""
        lease, self._lease = self._lease, None
        if lease is not None:
            await asyncio.to_thread(self._leases.release, lease)
            _log.info("relay.lease_released", holder=self._holder, epoch=lease.epoch)

    def _seconds_left_until_renewal(self) -> float:
        return self._renewed_at + self._duration_s / RENEWALS_PER_LEASE - time.monotonic()
