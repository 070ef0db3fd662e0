"""A server of the stack is only ready with what its users need."""

from __future__ import annotations

import pytest

from ops.stack.children import ServerChild


class FakeServer:
    pid = 1

    def __init__(self) -> None:
        self.running = False

    def start(self) -> None:
        self.running = True

    def is_running(self) -> bool:
        return self.running

    def stop(self) -> None:
        self.running = False


def test_a_server_that_could_not_be_prepared_does_not_run_and_is_prepared_at_the_next_start() -> None:
    told: list[str] = []

    def prepare() -> None:
        told.append("asked")
        if len(told) == 1:
            raise RuntimeError("topics: not yet")

    child = ServerChild("kafka", FakeServer(), "127.0.0.1:9092", prepare)
    with pytest.raises(RuntimeError, match="not yet"):
        child.start()
    assert not child.is_ready()
    child.start()
    assert (child.is_ready(), len(told)) == (True, 2)
