"""A running process hears that the house keys are others, within a second, and opens what either of them wrapped."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from gateway.pacing.rest import rest
from gateway.security.key_provider import KeyProvider
from gateway.security.keyring import KeysUnusable
from gateway.security.sealing import Vault

EVERY_S: Final = 1.0
_log = structlog.get_logger("keys")


class Renewing:
    """One per process that has a vault."""

    def __init__(self, provider: KeyProvider, vault: Vault) -> None:
        self._provider = provider
        self._vault = vault
        # What was read at the start may have changed since: the first look always takes.
        self._stamp: object = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. Keys that cannot be read leave those that were read before in use."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.look)
            except KeysUnusable as error:
                _log.error("keys.unusable", cause=str(error))
            await rest(stop, EVERY_S)

    def look(self) -> None:
        """Take the keys if they are others. Raises KeysUnusable."""
        stamp = self._provider.stamp()
        if stamp == self._stamp or stamp is None:
            return
        self._vault.take(self._provider.load())
        self._stamp = stamp
        _log.info("keys.taken")
