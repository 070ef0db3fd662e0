"""Incidents and data subjects' requests as rows, and the steps that each takes once and in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import Connection, Select, Table, func, insert, or_, select, update

from gateway.errors import NotFound
from gateway.store.schema import incidents, subject_requests

CaseType: TypeAlias = Literal["incident", "request"]
Step: TypeAlias = Literal["acknowledged", "reported", "closed"]
CASE_TYPES: Final[tuple[CaseType, ...]] = get_args(CaseType)
STEPS: Final[tuple[Step, ...]] = get_args(Step)
STEPS_OF: Final[Mapping[CaseType, tuple[Step, ...]]] = {
    "incident": ("reported", "closed"),
    "request": ("acknowledged", "closed"),
}
"""In this order, each once."""
SHOWN_MAX: Final = 500
_TABLES: Final[Mapping[CaseType, Table]] = {"incident": incidents, "request": subject_requests}
_DUE: Final[Mapping[CaseType, Mapping[Step, str]]] = {
    "incident": {"reported": "report_due_at"},
    "request": {"acknowledged": "acknowledge_due_at", "closed": "close_due_at"},
}


@dataclass(frozen=True, slots=True)
class StepTaken:
    """Who took a step when, and the file that shows it."""

    step: Step
    at: str
    by: str
    reference: str


@dataclass(frozen=True, slots=True)
class Case:
    """One row. Instants are UTC text; `begun_at`: when it was detected or received; `due`: until when which step."""

    type: CaseType
    id: int
    kind: str
    reference: str
    begun_at: str
    registered_at: str
    registered_by: str
    people: int | None
    worker_id: str | None
    calendar: str | None
    due: Mapping[Step, str]
    steps: tuple[StepTaken, ...]

    @property
    def next_step(self) -> Step | None:
        """None when the case is closed."""
        open_steps = STEPS_OF[self.type][len(self.steps) :]
        return open_steps[0] if open_steps else None

    @property
    def next_due_at(self) -> str | None:
        """Until when the next step must be taken; None where no law sets a time for it."""
        return None if self.next_step is None else self.due.get(self.next_step)


def add(connection: Connection, case: CaseType, row: Mapping[str, object]) -> int:
    """A new case; answers its number."""
    table = _TABLES[case]
    number: int = connection.execute(insert(table).returning(table.c.id), dict(row)).scalar_one()
    return number


def find(connection: Connection, case: CaseType, number: int, *, lock: bool = False) -> Case:
    """One case, on demand locked until the transaction ends. Raises NotFound."""
    query = select(_TABLES[case]).where(_TABLES[case].c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFound("case-not-found")
    return _case(case, row)


def take_step(connection: Connection, case: CaseType, number: int, taken: StepTaken) -> None:
    """Write a step down."""
    values = {f"{taken.step}_at": taken.at, f"{taken.step}_by": taken.by, f"{taken.step}_reference": taken.reference}
    connection.execute(update(_TABLES[case]).where(_TABLES[case].c.id == number).values(values))


def newest(connection: Connection, *, open_only: bool) -> list[Case]:
    """Open cases first, then the newest; at most SHOWN_MAX of each type."""
    return [
        _case(case, row)
        for case in CASE_TYPES
        for row in connection.execute(_newest(_TABLES[case], open_only=open_only)).mappings()
    ]


def overdue(connection: Connection, at: str) -> dict[CaseType, int]:
    """How many cases' next step should have been taken by now."""
    asked = subject_requests.c
    late = {
        "incident": incidents.c.reported_at.is_(None) & (incidents.c.report_due_at <= at),
        "request": asked.closed_at.is_(None)
        & or_(asked.acknowledged_at.is_(None) & (asked.acknowledge_due_at <= at), asked.close_due_at <= at),
    }
    return {
        case: connection.execute(select(func.count()).select_from(_TABLES[case]).where(late[case])).scalar_one()
        for case in CASE_TYPES
    }


def _newest(table: Table, *, open_only: bool) -> Select[Any]:
    query = select(table).order_by(table.c.closed_at.is_not(None), table.c.id.desc()).limit(SHOWN_MAX)
    return query.where(table.c.closed_at.is_(None)) if open_only else query


def _case(case: CaseType, row: Mapping[Any, Any]) -> Case:
    taken = [step for step in STEPS_OF[case] if row[f"{step}_at"] is not None]
    return Case(
        type=case,
        id=row["id"],
        kind=row["kind"],
        reference=row["reference"],
        begun_at=row["detected_at" if case == "incident" else "received_at"],
        registered_at=row["registered_at"],
        registered_by=row["registered_by"],
        people=row.get("people"),
        worker_id=row.get("worker_id"),
        calendar=row.get("calendar"),
        due={step: row[column] for step, column in _DUE[case].items()},
        steps=tuple(StepTaken(step, row[f"{step}_at"], row[f"{step}_by"], row[f"{step}_reference"]) for step in taken),
    )
