"""A database with audit rows, the chain over them, and exports of it as the command line writes them."""

from __future__ import annotations

import datetime as dt

from gateway.audit.chain import ChainRow, Checkpoint
from gateway.audit.lines import HEADER, line
from gateway.audit.reading import Reading
from gateway.audit.verifying import Fault, Trail, verify
from gateway.chaining.chainer import Chainer
from gateway.chaining.settings import ChainingSettings
from gateway.clock import instant
from gateway.security.signing import PublicKeys, Signer
from gateway.store import audit, migrations
from gateway.store.audit_chain import AuditChain
from gateway.store.engine import Database

SETTINGS = ChainingSettings(pause_s=0.01, checkpoint_s=30.0, lease_duration_s=4.0)
SIGNER = Signer(bytes(range(32)))
READING = Reading("local")
KEYS = PublicKeys([SIGNER.public_pem().encode()])


class SetClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 7, 5, 1, 2, 3, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class AuditWorld:
    """One database; `chainer` gives its rows their places."""

    def __init__(self, url: str) -> None:
        migrations.upgrade(url)
        self.database = Database(url)
        self.clock = SetClock()
        self.chain = AuditChain(self.database, self.clock)
        self.chainer = self.new_chainer("one")

    def new_chainer(self, holder: str) -> Chainer:
        return Chainer(self.database, self.clock, holder, SIGNER, SETTINGS)

    def act(self, subject: str = "12345678-0000-4000-8000-000000000001", rows: int = 1) -> None:
        """Rows as rooms write them."""
        at = instant(self.clock())
        with self.database.write() as connection:
            for _ in range(rows):
                audit.add(connection, at, "local", "worker:observations_read", subject, READING.told(revealed=False))

    def chained(self) -> list[ChainRow]:
        return [part for part in self.chain.after(0, 5_000) if isinstance(part, ChainRow)]

    def checkpoints(self) -> list[Checkpoint]:
        return [part for part in self.chain.after(0, 5_000) if isinstance(part, Checkpoint)]

    def export(self) -> list[bytes]:
        """The lines of an export made now."""
        head = self.chain.head(SIGNER.key_id, SIGNER.sign)
        return [HEADER, *map(line, self.chain.after(0, 5_000)), line(head)]

    def verdict(self, lines: list[bytes] | None = None) -> Trail | Fault:
        return verify(self.export() if lines is None else lines, KEYS.check)
