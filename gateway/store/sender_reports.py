"""How each process that sends stands with each target: what people see, and how processes know of each other.

All instants here are the database's own, so that a process whose clock is wrong is neither overlooked nor kept alive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, cast

from sqlalchemy import Connection, delete, func, insert, select

from gateway.clock import instant, system_clock
from gateway.store.schema import sender_reports

_HERE: Final = sender_reports.c
FRESH_S: Final = 15
"""A report older than this is of a process that is gone, or stands still."""
_FORGOTTEN_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class SenderReport:
    """One process and one target; `breaker` is closed, open or half_open, `outcomes` JSON: state -> rows."""

    process: str
    target: str
    breaker: str
    cause: str | None
    wait_ms: int
    calls_under_way: int
    outcomes: str


def store(connection: Connection, reports: Sequence[SenderReport]) -> None:
    """Put these in place of what the same process said before; forget processes that are long gone."""
    now = _now(connection)
    for process in sorted({report.process for report in reports}):
        forget(connection, process)
    if reports:
        connection.execute(insert(sender_reports), [{**asdict(one), "reported_at": instant(now)} for one in reports])
    connection.execute(delete(sender_reports).where(_HERE.reported_at < _before(now, _FORGOTTEN_S)))


def fresh(connection: Connection) -> list[SenderReport]:
    """The processes that are there now, by target and name."""
    query = (
        select(*(_HERE[name] for name in SenderReport.__dataclass_fields__))
        .where(_HERE.reported_at >= _before(_now(connection), FRESH_S))
        .order_by(_HERE.target, _HERE.process)
    )
    return [SenderReport(*row) for row in connection.execute(query)]


def forget(connection: Connection, process: str) -> None:
    """The process ends in good order."""
    connection.execute(delete(sender_reports).where(_HERE.process == process))


def _now(connection: Connection) -> dt.datetime:
    if connection.dialect.name == "sqlite":
        # SQLite's clock is that of the process, and SQLite serves one process only.
        return system_clock()
    return cast(dt.datetime, connection.execute(select(func.clock_timestamp())).scalar_one())


def _before(now: dt.datetime, seconds: int) -> str:
    return instant(now - dt.timedelta(seconds=seconds))
