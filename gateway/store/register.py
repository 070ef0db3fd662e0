"""Incidents and data subjects' requests as rows, and the steps that each takes once and in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, or_, select, update
from sqlalchemy import case as sql_case

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
_NO_DEADLINE: Final = "9999"
"""Behind every instant: no law sets a time for the next step."""
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


def first_due(connection: Connection, *, open_only: bool, late_at: str | None) -> list[Case]:
    """Open cases first, the one with the next deadline before all; at most SHOWN_MAX of each type.

    `late_at`: only those whose next step should have been taken by then.
    """
    return [
        _case(case, row)
        for case in CASE_TYPES
        for row in connection.execute(_first_due(case, open_only=open_only, late_at=late_at)).mappings()
    ]


def overdue(connection: Connection, at: str) -> dict[CaseType, int]:
    """How many cases' next step should have been taken by now."""
    return {
        case: connection.execute(select(func.count()).select_from(_TABLES[case]).where(_late(case, at))).scalar_one()
        for case in CASE_TYPES
    }


def _late(case: CaseType, at: str) -> ColumnElement[bool]:
    if case == "incident":
        return incidents.c.reported_at.is_(None) & (incidents.c.report_due_at <= at)
    asked = subject_requests.c
    unheard = asked.acknowledged_at.is_(None) & (asked.acknowledge_due_at <= at)
    return asked.closed_at.is_(None) & or_(unheard, asked.close_due_at <= at)


def _next_due(case: CaseType) -> ColumnElement[Any]:
    if case == "incident":
        return sql_case((incidents.c.reported_at.is_(None), incidents.c.report_due_at), else_=_NO_DEADLINE)
    asked = subject_requests.c
    return sql_case((asked.acknowledged_at.is_(None), asked.acknowledge_due_at), else_=asked.close_due_at)


def _first_due(case: CaseType, *, open_only: bool, late_at: str | None) -> Select[Any]:
    table = _TABLES[case]
    query = select(table).order_by(table.c.closed_at.is_not(None), _next_due(case), table.c.id.desc()).limit(SHOWN_MAX)
    if late_at is not None:
        return query.where(_late(case, late_at))
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
