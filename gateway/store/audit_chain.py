"""The audit chain in the database: rows are moved into it, under a lease, and never changed there.

The ids of `audit_rows` are not commit order: a row with a lower id can become visible later. So whatever is there is
taken, from the beginning each time, and gets the next places; a row that commits later gets a later place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, text

from gateway.audit.chain import START, ChainRow, Checkpoint, Head
from gateway.audit.reading import subjects_of
from gateway.clock import Clock, instant
from gateway.store.engine import Database
from gateway.store.leases import Lease, Leases
from gateway.store.schema import audit_chain, audit_checkpoints, audit_rows, audit_subjects
from gateway.store.unnest import arrays, insert_from, names_of

CHAINED_AT_ONCE_MAX: Final = 2_000
READ_ROWS_MAX: Final = 5_000
_COLUMNS: Final = names_of(ChainRow)
_TAKE: Final = text(
    """
    DELETE FROM audit_rows WHERE id IN (SELECT id FROM audit_rows ORDER BY id LIMIT :limit)
    RETURNING id, at, actor, action, subject, outcome, detail
    """
)
_PUT_POSTGRESQL: Final = text(insert_from(audit_chain, _COLUMNS, "put"))


@dataclass(frozen=True, slots=True)
class ChainState:
    """What a look finds. `unsigned`: rows above the last checkpoint; `signed_at`: when that was made."""

    is_waiting: bool
    unsigned: int
    signed_at: str | None


@dataclass(frozen=True, slots=True)
class Unchained:
    """Rows that have no place yet. `oldest_at`: when the oldest of them was written."""

    rows: int
    oldest_at: str | None


class AuditChain:
    """Writes and reads the chain. Call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def look(self) -> ChainState:
        """Is there something to do? Cheap, since it is asked often."""
        newest = select(audit_checkpoints.c.signed_at).order_by(audit_checkpoints.c.number.desc()).limit(1)
        query = select(
            select(func.min(audit_rows.c.id)).scalar_subquery().is_not(None),
            select(func.coalesce(func.max(audit_chain.c.position), 0)).scalar_subquery(),
            select(func.coalesce(func.max(audit_checkpoints.c.position), 0)).scalar_subquery(),
            newest.scalar_subquery(),
        )
        with self._database.read() as connection:
            waiting, position, signed, signed_at = connection.execute(query).one()
        return ChainState(bool(waiting), position - signed, signed_at)

    def unchained(self) -> Unchained:
        """How much has no place yet, and since when."""
        query = select(func.count(), func.min(audit_rows.c.at)).select_from(audit_rows)
        with self._database.read() as connection:
            return Unchained(*connection.execute(query).one())

    def chain(self, leases: Leases, lease: Lease, duration_s: float) -> int:
        """Give the oldest rows their places, under the lease, which is renewed; answers how many.

        Raises LeaseLost, and then nothing is changed.
        """
        with self._database.write() as connection:
            leases.lock(connection, lease, duration_s)
            taken = connection.execute(_TAKE, {"limit": CHAINED_AT_ONCE_MAX}).all()
            rows = self._linked(connection, sorted(taken, key=attrgetter("id")))
            if rows:
                self._put(connection, rows)
        return len(rows)

    def checkpoint(
        self, leases: Leases, lease: Lease, duration_s: float, key_id: str, sign: Callable[[bytes], bytes]
    ) -> Checkpoint | None:
        """Sign the chain as far as it goes; None when the last checkpoint says as much. Raises LeaseLost."""
        with self._database.write() as connection:
            leases.lock(connection, lease, duration_s)
            position, last_hash = _last(connection)
            number, signed = _signed(connection)
            if signed == position:
                return None
            draft = Checkpoint(number + 1, position, last_hash, instant(self._clock()), key_id, b"")
            made = replace(draft, signature=sign(draft.message()))
            connection.execute(insert(audit_checkpoints), _as_row(made))
        return made

    def head(self, key_id: str, sign: Callable[[bytes], bytes]) -> Head:
        """Where chain and checkpoints end now, signed."""
        with self._database.read() as connection:
            position, last_hash = _last(connection)
            # Those that were signed after the row was read are above it.
            upto = select(func.max(audit_checkpoints.c.number)).where(audit_checkpoints.c.position <= position)
            checkpoints = connection.execute(upto).scalar_one() or 0
        draft = Head(position, last_hash, checkpoints, instant(self._clock()), key_id, b"")
        return replace(draft, signature=sign(draft.message()))

    def after(self, position: int, limit: int) -> list[ChainRow | Checkpoint]:
        """The rows behind a position, at most `limit` and READ_ROWS_MAX, each checkpoint behind the row it ends at."""
        rows = select(audit_chain).where(audit_chain.c.position > position).order_by(audit_chain.c.position)
        with self._database.read() as connection:
            found = [_row(one) for one in connection.execute(rows.limit(min(limit, READ_ROWS_MAX)))]
            if not found:
                return []
            between = audit_checkpoints.c.position.between(found[0].position, found[-1].position)
            signed = {one.position: _checkpoint(one) for one in connection.execute(_CHECKPOINTS.where(between))}
        parts: list[ChainRow | Checkpoint] = []
        for row in found:
            parts += [row, signed[row.position]] if row.position in signed else [row]
        return parts

    def _linked(self, connection: Connection, taken: list[Row[Any]]) -> list[ChainRow]:
        last_position, last_hash = _last(connection)
        chained_at = instant(self._clock())
        rows: list[ChainRow] = []
        for position, one in enumerate(taken, last_position + 1):
            told = (position, one.at, one.actor, one.action, one.subject, one.outcome, one.detail, chained_at)
            last_hash = ChainRow(*told, b"").expected_hash(last_hash)
            rows.append(ChainRow(*told, last_hash))
        return rows

    def _put(self, connection: Connection, rows: list[ChainRow]) -> None:
        if self._database.is_sqlite:
            connection.execute(insert(audit_chain), [_as_row(row) for row in rows])
        else:
            connection.execute(_PUT_POSTGRESQL, arrays(audit_chain, rows, _COLUMNS, "put"))
        shown = [
            {"worker_id": worker_id, "position": row.position}
            for row in rows
            for worker_id in subjects_of(row.action, row.subject, row.detail)
        ]
        if shown:
            connection.execute(insert(audit_subjects), shown)


_CHECKPOINTS: Final = select(audit_checkpoints).order_by(audit_checkpoints.c.number)


def _last(connection: Connection) -> tuple[int, bytes]:
    query = select(audit_chain.c.position, audit_chain.c.hash).order_by(audit_chain.c.position.desc()).limit(1)
    found = connection.execute(query).first()
    return (0, START) if found is None else (found.position, bytes(found.hash))


def _signed(connection: Connection) -> tuple[int, int]:
    """Number and position of the last checkpoint."""
    found = connection.execute(select(func.max(audit_checkpoints.c.number), func.max(audit_checkpoints.c.position)))
    number, position = found.one()
    return number or 0, position or 0


def _as_row(part: ChainRow | Checkpoint) -> dict[str, Any]:
    return {name: getattr(part, name) for name in names_of(type(part))}


def _row(one: Row[Any]) -> ChainRow:
    return ChainRow(**{**one._mapping, "hash": bytes(one.hash)})


def _checkpoint(one: Row[Any]) -> Checkpoint:
    return Checkpoint(**{**one._mapping, "hash": bytes(one.hash), "signature": bytes(one.signature)})
