"""Several prepared statements in one round trip to PostgreSQL, on libpq's pipeline mode.

A slice of sixteen entries used to spend most of its time in round trips, in compiling the same SQL and in the server's
planner. Here each statement is a constant text, prepared once per connection; its parameters are arrays already in the
wire's format, and only what is asked for is decoded.

Not psycopg's own pipeline: 3.3 waits for answers before everything is sent when a statement is larger than the socket's
buffer, and then waits for ever; and it begins a transaction in a round trip of its own.
"""

from __future__ import annotations

import re
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.store.pg_arrays import PgArray

ANSWER_WITHIN_S: Final = 60
"""Beyond the server's own limit for a statement: who has not answered by then is gone."""
_PARAMETER: Final = re.compile(r":(\w+)")
_NAMES: Final = "lgsp.prepared"
_FAILED: Final = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE})

Decode = Callable[[bytes], Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A text with `$1`, `$2` …, the names of their values in that order, and how to read each column."""

    text: bytes
    names: tuple[str, ...]
    columns: tuple[Decode, ...]


Question = tuple[Statement, Mapping[str, PgArray]]
"""A statement and its values by name."""


def statement(text: str, *columns: Decode) -> Statement:
    """From a text with `:name` parameters; a name that stands twice is one parameter."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    numbers = {name: f"${number}" for number, name in enumerate(names, start=1)}
    return Statement(_PARAMETER.sub(lambda found: numbers[found[1]], text).encode(), names, columns)


def whole(value: bytes) -> int:
    """An INTEGER or BIGINT column."""
    return int.from_bytes(value, signed=True)


def truth(value: bytes) -> bool:
    """A BOOLEAN column."""
    return value == b"\x01"


def ask(connection: Connection, questions: Sequence[Question], *, commit: bool = False) -> list[list[Row]]:
    """The rows of each answer, in order; each statement sees what was committed before it began.

    Begins the transaction if there is none; `commit` ends it in the same trip. When a statement fails, nothing after
    it is done, the commit neither. Raises DBAPIError, as SQLAlchemy does.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    prepared: dict[Statement, bytes] = connection.info.setdefault(_NAMES, {})
    try:
        return _Trip(driver.pgconn, prepared).ask(questions, commit)
    except psycopg.Error as error:
        if error.sqlstate == "26000":
            # psycopg drops all statements of a connection after a rollback, ours too: prepare them again.
            prepared.clear()
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, dialect=connection.dialect, hide_parameters=True
        ) from error


class _Trip:
    def __init__(self, libpq: PGconn, prepared: dict[Statement, bytes]) -> None:
        self._libpq = libpq
        self._prepared = prepared
        self._sent: list[Statement | None] = []
        self._preparing: list[tuple[int, Statement, bytes]] = []

    def ask(self, questions: Sequence[Question], commit: bool) -> list[list[Row]]:
        libpq = self._libpq
        libpq.enter_pipeline_mode()
        try:
            if libpq.transaction_status == TransactionStatus.IDLE:
                self._say(b"BEGIN")
            for asked, values in questions:
                self._put(asked, [values[name] for name in asked.names])
            if commit:
                self._say(b"COMMIT")
            libpq.pipeline_sync()
            results = self._results()
        except BaseException:
            # Answers may be under way: nobody can use this connection again.
            libpq.finish()
            raise
        libpq.exit_pipeline_mode()
        return self._rows(results)

    def _say(self, command: bytes) -> None:
        self._libpq.send_query_params(command, None)
        self._sent.append(None)

    def _put(self, asked: Statement, values: Sequence[PgArray]) -> None:
        name = self._prepared.get(asked)
        if name is None:
            name = b"lgsp_%d" % (len(self._prepared) + len(self._preparing))
            self._libpq.send_prepare(name, asked.text, [value.array_oid for value in values])
            self._preparing.append((len(self._sent), asked, name))
            self._sent.append(None)
        formats = [Format.BINARY] * len(values)
        self._libpq.send_query_prepared(name, [value.payload for value in values], formats, Format.BINARY)
        self._sent.append(asked)

    def _results(self) -> list[PGresult]:
        """One per message, up to the synchronisation that ends the trip."""
        libpq, results, waiting = self._libpq, list[PGresult](), select.poll()
        while True:
            unsent = libpq.flush()
            waiting.register(libpq.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            if not waiting.poll(ANSWER_WITHIN_S * 1_000):
                raise psycopg.OperationalError("the database does not answer")
            libpq.consume_input()
            ended = True
            while not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    if ended:
                        break
                    ended = True
                    continue
                ended = False
                if result.status == ExecStatus.PIPELINE_SYNC:
                    return results
                results.append(result)

    def _rows(self, results: Sequence[PGresult]) -> list[list[Row]]:
        for at, asked, name in self._preparing:
            if results[at].status == ExecStatus.COMMAND_OK:
                self._prepared[asked] = name
        failed = next((result for result in results if result.status in _FAILED), None)
        if failed is not None:
            raise error_from_result(failed)
        return [_read(result, asked) for result, asked in zip(results, self._sent, strict=True) if asked is not None]


def _read(result: PGresult, asked: Statement) -> list[Row]:
    columns = list(enumerate(asked.columns))
    return [
        tuple([None if (value := result.get_value(row, at)) is None else decode(value) for at, decode in columns])
        for row in range(result.ntuples)
    ]
