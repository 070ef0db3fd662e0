"""What callers are told while a target is paused: their entries are taken, and wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from gateway.pacing.rest import rest
from gateway.propagation.pauses import Pauses
from gateway.store.target_pauses import Pause

HEADER: Final = "LGSP-Paused"
_EVERY_S: Final = 1.0
_log = structlog.get_logger("propagation")


class Notice:
    """Kept fresh by a loop, so that telling it costs an entry nothing."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses
        self.header: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. While the database does not answer, the last notice stands."""
        while not stop.is_set():
            try:
                await self.step()
            except Exception as error:
                _log.warning("propagation.notice_old", error=type(error).__name__)
            await rest(stop, _EVERY_S)

    async def step(self) -> None:
        """Look once."""
        self.header = header(await asyncio.to_thread(self._pauses.in_force))


def header(pauses: Iterable[Pause]) -> str | None:
    """A list of structured fields (RFC 9651): each paused target, why, and until when if that is known."""
    told = [
        f'{pause.target};cause="{pause.cause}"' + (f';until="{pause.ends_at}"' if pause.ends_at else "")
        for pause in pauses
    ]
    return ", ".join(told) or None
