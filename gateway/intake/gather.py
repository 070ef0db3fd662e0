"""Group commit: single submissions that arrive together share one slice and one commit.

Nobody waits for company: a writer takes whatever has gathered while the last commit was under way. Under load
that is up to a whole slice; alone, an entry is stored at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from contracts.entry import Receipt
from gateway.errors import Busy
from gateway.intake.submission import Submission

WAITING_MAX = 4_096
RETRY_AFTER_S = 2


class Gathering:
    """A queue in front of `receive_slice`, with as many writers as the database gains from."""

    def __init__(
        self,
        receive_slice: Callable[[Sequence[Submission]], list[Receipt]],
        executor: Executor,
        writers: int,
        slice_size_max: int,
    ) -> None:
        self._receive_slice = receive_slice
        self._executor = executor
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
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._slice_size_max))]
                submissions = [submission for submission, _ in batch]
                try:
                    receipts = await loop.run_in_executor(self._executor, self._receive_slice, submissions)
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
