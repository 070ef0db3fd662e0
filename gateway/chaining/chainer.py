"""Gives audit rows their places in the chain and signs how far it goes.

A chain written by the acts themselves would make every writer wait for one row. So rows go in unlinked, in the commit
of what they tell of, and one process, by lease, links them afterwards. What it does is one transaction that locks the
lease's row and compares the epoch: a process that was stopped and woken can do nothing under a lease that it lost.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.chaining.settings import LEASE_NAME, ChainingSettings
from gateway.clock import Clock, parse_instant
from gateway.pacing.rest import rest
from gateway.security.signing import Signer
from gateway.store.audit_chain import CHAINED_AT_ONCE_MAX, AuditChain, ChainState
from gateway.store.engine import Database
from gateway.store.leases import Lease, LeaseLost, Leases

_log = structlog.get_logger("gateway.chaining")


class Chainer:
    """See the module. `holder` must differ between processes, a restarted one included."""

    def __init__(
        self, database: Database, clock: Clock, holder: str, signer: Signer, settings: ChainingSettings | None = None
    ) -> None:
        self._settings = settings or ChainingSettings()
        self._clock = clock
        self._holder = holder
        self._signer = signer
        self._leases = Leases(database, clock)
        self._chain = AuditChain(database, clock)
        self._lease: Lease | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a database that does not answer is waited for. What is left is signed at the end."""
        while not stop.is_set():
            if await self._step_or_report() == CHAINED_AT_ONCE_MAX:
                continue
            await rest(stop, self._settings.pause_s)
        await self._step_or_report(at_the_end=True)

    async def _step_or_report(self, at_the_end: bool = False) -> int:
        try:
            chained = await asyncio.to_thread(self.step, at_the_end)
            if at_the_end:
                await asyncio.to_thread(self.release)
        except SQLAlchemyError as error:
            _log.warning("chaining.store_failed", error=type(error).__name__)
            return 0
        return chained

    def step(self, at_the_end: bool = False) -> int:
        """Chain one batch, and sign when that is due (`at_the_end`: whatever is not signed); answers how many rows.

        0 while another process has the lease. Blocks. Raises SQLAlchemyError.
        """
        seen = self._chain.look()
        if not (seen.is_waiting or self._is_due(seen, at_the_end)) or not self._take():
            return 0
        try:
            chained = self._link() if seen.is_waiting else 0
            if self._is_due(self._chain.look(), at_the_end):
                self._sign()
        except LeaseLost:
            _log.warning("chaining.lease_lost", holder=self._holder)
            self._lease = None
            return 0
        return chained

    def release(self) -> None:
        """Let another begin at once."""
        lease, self._lease = self._lease, None
        if lease is not None:
            self._leases.release(lease)

    def _take(self) -> bool:
        """The lease is taken when there is work, and renewed by the work: nobody else wants it for anything else."""
        if self._lease is None:
            self._lease = self._leases.take(LEASE_NAME, self._holder, self._settings.lease_duration_s)
            if self._lease is not None:
                _log.info("chaining.lease_taken", holder=self._holder, epoch=self._lease.epoch)
        return self._lease is not None

    def _link(self) -> int:
        assert self._lease is not None, "taken before"
        return self._chain.chain(self._leases, self._lease, self._settings.lease_duration_s)

    def _sign(self) -> None:
        assert self._lease is not None, "taken before"
        duration_s = self._settings.lease_duration_s
        made = self._chain.checkpoint(self._leases, self._lease, duration_s, self._signer.key_id, self._signer.sign)
        if made is not None:
            # In the log as well: whoever cuts the end off the chain would have to reach the collected logs too.
            _log.info("chaining.checkpoint_signed", number=made.number, position=made.position, hash=made.hash.hex())

    def _is_due(self, seen: ChainState, at_the_end: bool) -> bool:
        if not seen.unsigned:
            return False
        if at_the_end or seen.signed_at is None:
            return True
        # A clock that was put back must not silence signatures until it has caught up.
        since = abs(self._clock() - parse_instant(seen.signed_at))
        return since >= dt.timedelta(seconds=self._settings.checkpoint_s)
