"""Connections of clients that send too slowly are closed: the server itself would wait for the rest for ever."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WITHIN_S: Final = 30.0


class Impatient(HttpToolsProtocol):
    """A request, head and body, must have arrived within a time from its first byte, the first one from connecting."""

    within_s: float = WITHIN_S
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server's own
        """Somebody connected."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._rest()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if self._patience is None:
            self._wait()

    def on_message_complete(self) -> None:
        """All of a request is here; how long its answer takes is not the client's fault."""
        super().on_message_complete()
        self._rest()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self.within_s, self._end)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _end(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()
