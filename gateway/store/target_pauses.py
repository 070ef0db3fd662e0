"""Which targets are paused: one row per target for as long as its pause is planned, in force or on trial.

Every sender asks in the very statement that looks for work (`target_rows.waiting_work`), so a pause holds for all
processes from its commit on; calls under way end as they will.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema import target_pauses

PauseCause: TypeAlias = Literal["by-hand", "maintenance", "too-many-refusals"]
TOO_MANY_REFUSALS: Final[PauseCause] = "too-many-refusals"

NOT_PAUSED: Final = (
    "NOT EXISTS (SELECT 1 FROM target_pauses AS pause WHERE pause.target = :paused_target "
    "AND pause.starts_at <= :paused_at AND (pause.ends_at IS NULL OR pause.ends_at > :paused_at))"
)
"""`paused_target` is not paused at the instant `paused_at`. Not tied to a row: a database asks it once."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing is sent to a target, on whose word, from when to when. Instants are UTC text.

    `times` is 0 for a person's pause; else how often in a row the gateway itself has paused this target.
    """

    target: str
    cause: PauseCause
    reason: str
    paused_by: str
    paused_at: str
    starts_at: str
    ends_at: str | None
    times: int = 0

    def in_force(self, at: str) -> bool:
        """Whether nothing is sent at this instant."""
        return self.starts_at <= at and not self.over(at)

    def announced(self, at: str) -> bool:
        """Whether it is still to come."""
        return at < self.starts_at

    def over(self, at: str) -> bool:
        """Whether its end has passed."""
        return self.ends_at is not None and self.ends_at <= at


def read(connection: Connection) -> list[Pause]:
    """All rows, those whose end has passed included."""
    return [Pause(**row) for row in connection.execute(select(target_pauses).order_by("target")).mappings()]


def lock(connection: Connection, target: str) -> Pause | None:
    """One target's row, locked until the transaction ends."""
    query = select(target_pauses).where(target_pauses.c.target == target).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else Pause(**row)


def put(connection: Connection, pause: Pause) -> None:
    """Store a pause in place of the one that the target has, if it has one."""
    remove(connection, pause.target)
    connection.execute(insert(target_pauses), asdict(pause))


def remove(connection: Connection, target: str) -> bool:
    """The pause is over; False when there was none."""
    return connection.execute(delete(target_pauses).where(target_pauses.c.target == target)).rowcount == 1
