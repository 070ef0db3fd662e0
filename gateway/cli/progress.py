"""A bar for work of a known length, on standard error, gone when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.session import Session


@contextmanager
def bar(session: Session, key: str, total: int) -> Iterator[Callable[[], None]]:
    """Gives what to call after each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=session.err, transient=True) as progress:
        task = progress.add_task(session.say(key), total=total)
        yield lambda: progress.advance(task)
