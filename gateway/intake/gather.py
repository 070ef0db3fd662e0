"""Group commit: single submissions that arrive together share one slice and one commit.

Nobody waits for company: a writer takes whatever has gathered while the last commit was under way. Under load
that is up to a whole slice; alone, an entry is stored at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from contracts.entry import Receipt
from gateway.errors import Busy
from gateway.intake.submission import Submission

WAITING_MAX = 4_096
TOGETHER_MAX = 64
"""Fewer than a slice may hold: judging and folding them keeps the event loop from everything else."""
RETRY_AFTER_S = 2


class Gathering:
    """A queue in front of intake, with as many writers as the database gains from."""

    def __init__(
        self,
        receive: Callable[[Sequence[Submission]], Awaitable[list[Receipt]]],
        writers: int,
        slice_size_max: int,
    ) -> None:
        self._receive = receive
        self._writers_free = writers
        self._slice_size_max = slice_size_max
        self._waiting: deque[tuple[Submission, asyncio.Future[Receipt]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, submission: Submission) -> Receipt:
        """Store one submission with whatever else has gathered. Raises Busy beyond `WAITING_MAX` waiting."""
        if len(self._waiting) >= WAITING_MAX:
            raise Busy("busy", retry_after_s=RETRY_AFTER_S)
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, answer))
        if self._writers_free:
            self._writers_free -= 1
            task = asyncio.get_running_loop().create_task(self._write())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await answer

    async def drain(self) -> None:
        """Wait until everything that was submitted is answered."""
        while self._running:
            await asyncio.gather(*self._running)

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._slice_size_max))]
                submissions = [submission for submission, _ in batch]
                try:
                    receipts = await self._receive(submissions)
                except Exception as error:
                    for _, answer in batch:
                        if not answer.done():
                            answer.set_exception(error)
                else:
                    for (_, answer), receipt in zip(batch, receipts, strict=True):
                        if not answer.done():
                            answer.set_result(receipt)
        finally:
            self._writers_free += 1
