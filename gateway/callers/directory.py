"""Everybody who may call, in memory: asked at every request, and fresh within a second of any change."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.callers.settings import CallerSettings
from gateway.clock import Clock, instant
from gateway.errors import Busy
from gateway.pacing.rest import rest
from gateway.store import callers as rows
from gateway.store.callers import CallerKey, CallerRow
from gateway.store.engine import Database

_EVERY_S: Final = 1.0
_log = structlog.get_logger("callers")


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: tuple[int, str | None] = (0, None)
    callers: dict[str, CallerRow] = field(default_factory=dict)
    by_digest: dict[bytes, CallerKey] = field(default_factory=dict)
    public: dict[str, list[CallerKey]] = field(default_factory=dict)


class Directory:
    """A right withdrawn is gone here within `_EVERY_S`, and after `known_for_s` without the database everything is."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: CallerSettings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._monotonic = monotonic
        self._known = _Known()
        self._asked_s: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.refresh)
            except Exception as error:
                _log.warning("callers.unknown", error=type(error).__name__)
            await rest(stop, _EVERY_S)

    def refresh(self) -> None:
        """Look once. Blocks. Raises SQLAlchemyError."""
        asked_s = self._monotonic()
        with self._database.read() as connection:
            stamp = rows.stamp(connection)
            if stamp != self._known.stamp or self._asked_s is None:
                everybody, keys = rows.everybody(connection), rows.keys(connection)
                public: dict[str, list[CallerKey]] = {}
                for key in keys:
                    if key.kind == "jwk":
                        public.setdefault(key.caller, []).append(key)
                secrets = {key.digest: key for key in keys if key.digest is not None}
                self._known = _Known(stamp, {one.name: one for one in everybody}, secrets, public)
        self._asked_s = asked_s

    def active(self, name: str) -> CallerRow | None:
        """A caller who may call. Raises Busy(callers-unknown) rather than believe what is too old."""
        self._require_fresh()
        row = self._known.callers.get(name)
        return row if row is not None and row.state == "active" else None

    def holder(self, secret: str, kind: rows.KeyKind) -> CallerRow | None:
        """Who holds a secret key that has not ended. Raises Busy."""
        self._require_fresh()
        key = self._known.by_digest.get(digest_of(secret))
        if key is None or key.kind != kind or not key.holds(instant(self._clock())):
            return None
        return self.active(key.caller)

    def public_keys(self, name: str) -> list[CallerKey]:
        """A client's public keys that have not ended."""
        at = instant(self._clock())
        return [key for key in self._known.public.get(name, []) if key.holds(at)]

    def _require_fresh(self) -> None:
        if self._asked_s is None or self._monotonic() - self._asked_s > self._settings.known_for_s:
            raise Busy("callers-unknown")


def digest_of(secret: str) -> bytes:
    """SHA-256. Secrets of ours have 256 random bits: there is nothing to guess, and no need of a slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def may_come_from(row: CallerRow, address: str | None) -> bool:
    """Whether the caller may call from this source address."""
    if not row.rights.addresses:
        return True
    try:
        source = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return any(source in ipaddress.ip_network(network) for network in row.rights.addresses)
