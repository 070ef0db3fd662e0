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
from gateway.intake.submission import Submission
from gateway.intake.waiting import Waiting


class Gathering:
    """A queue in front of `receive_slice`, with as many writers as the database gains from."""

    def __init__(
        self,
        receive_slice: Callable[[Sequence[Submission]], list[Receipt]],
        executor: Executor,
        writers: int,
        slice_size_max: int,
        waiting: Waiting | None = None,
    ) -> None:
        self._receive_slice = receive_slice
        self._executor = executor
        self._writers_free = writers
        self._slice_size_max = slice_size_max
        self._line = waiting or Waiting(slice_size_max=slice_size_max)
        self._waiting: deque[tuple[Submission, asyncio.Future[Receipt]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, submission: Submission) -> Receipt:
        """Store one submission with whatever else has gathered. Raises Busy when that would take too long.

        Cancelled while it still waits it is not stored.
        """
        self._line.check()
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, answer))
        if self._writers_free:
            self._writers_free -= 1
            task = asyncio.get_running_loop().create_task(self._write())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        self._line.enter()
        try:
            return await answer
        finally:
            self._line.leave()

    async def drain(self) -> None:
        """Wait until everything that was submitted is answered."""
        while self._running:
            await asyncio.gather(*self._running)

    def _next(self) -> list[tuple[Submission, asyncio.Future[Receipt]]]:
        """The first ones, without those whose callers have been told meanwhile that it took too long."""
        batch: list[tuple[Submission, asyncio.Future[Receipt]]] = []
        while self._waiting and len(batch) < self._slice_size_max:
            one = self._waiting.popleft()
            if not one[1].done():
                batch.append(one)
        return batch

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = self._next()
                if not batch:
                    break
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
