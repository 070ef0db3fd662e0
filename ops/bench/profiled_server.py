"""Our server under pyinstrument: `python -m ops.bench.profiled_server FILE`, settings from the environment.

A profiler of this kind watches one thread, so there is one on the event loop and one on the writer's thread.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from pyinstrument import Profiler

from gateway.cli.serve import bind, prepare, read_settings

_INTERVAL_S: Final = 0.001


def main() -> None:
    """Serve until SIGTERM, then write the two trees."""
    settings = read_settings()
    listening = bind(settings.http)
    server = prepare(settings, "all", "en")
    app: Any = server.config.app
    assert isinstance(app, FastAPI), "prepare gives uvicorn our application"
    app.router.lifespan_context = _profiled(app, app.router.lifespan_context, Path(sys.argv[1]))
    server.run(sockets=[listening])


def _profiled(app: FastAPI, lifespan: Any, trees: Path) -> Any:
    @asynccontextmanager
    async def watched(served: FastAPI) -> AsyncIterator[None]:
        executor = app.state.door.house.executor
        loop, writer = (Profiler(_INTERVAL_S, async_mode="disabled") for _ in range(2))
        async with lifespan(served):
            executor.submit(writer.start).result()
            loop.start()
            yield
            loop.stop()
            executor.submit(writer.stop).result()
        _write(trees, loop, writer)

    return watched


def _write(trees: Path, loop: Profiler, writer: Profiler) -> None:
    named = (("event loop", loop), ("writer", writer))
    trees.write_text("\n".join(f"== {name}\n{one.output_text(show_all=True)}" for name, one in named), "utf-8")


if __name__ == "__main__":
    main()
