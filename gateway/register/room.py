"""The register's room: what is written down, in which order, by whom, and until when the next step must be taken.

An incident is I-12 and a request R-7: two rows of numbers, so that neither tells how many of the other there are.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from gateway.clock import Clock, instant, parse_instant
from gateway.errors import Conflict, ContractViolated, NotFound
from gateway.permissions import Caller, require
from gateway.permissions.purpose import is_reference
from gateway.register import deadlines
from gateway.register.kinds import kinds
from gateway.store import audit, register
from gateway.store.engine import Database
from gateway.store.records import RecordReader
from gateway.store.register import Case, CaseType, Step, StepTaken

PEOPLE_MAX: Final = 100_000_000
_NUMBER: Final = re.compile(r"([IR])-([1-9][0-9]{0,9})")
_LETTERS: Final[dict[CaseType, str]] = {"incident": "I", "request": "R"}
_CASES: Final[dict[str, CaseType]] = {letter: case for case, letter in _LETTERS.items()}
# A clock that runs a little ahead of ours is no lie.
_CLOCKS_DIFFER: Final = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stands now; `remaining` is None where no deadline runs."""

    case: Case
    remaining: deadlines.Remaining | None

    @property
    def number(self) -> str:
        """As people write it."""
        return f"{_LETTERS[self.case.type]}-{self.case.id}"


class Register:
    """Its methods block: call them from a worker thread."""

    def __init__(self, database: Database, records: RecordReader, clock: Clock) -> None:
        self._database = database
        self._records = records
        self._clock = clock

    def add_incident(self, kind: str, detected_at: dt.datetime, people: int, reference: str, by: Caller) -> Standing:
        """Raises NotPermitted, ContractViolated."""
        require(by, "register.write")
        now = self._check("incident", kind, detected_at, "detected_at", reference)
        row = {
            "kind": kind,
            "detected_at": instant(detected_at),
            "people": people,
            "reference": reference,
            "registered_at": instant(now),
            "registered_by": by.name,
            "report_due_at": instant(deadlines.of_incident(detected_at)),
        }
        with self._database.write() as connection:
            case = register.find(connection, "incident", register.add(connection, "incident", row))
            told = {"kind": kind, "people": people, "reference": reference}
            audit.add(connection, instant(now), by.name, "register:incident_added", f"I-{case.id}", told)
        return self._standing(case, now)

    def add_request(self, kind: str, worker_id: str, received_at: dt.datetime, reference: str, by: Caller) -> Standing:
        """Raises NotPermitted, ContractViolated, NotFound."""
        require(by, "register.write")
        now = self._check("request", kind, received_at, "received_at", reference)
        communes = self._records.communes([worker_id])
        if worker_id not in communes or not by.sees(communes[worker_id]):
            raise NotFound("worker-not-found")
        due = deadlines.of_request(received_at)
        row = {
            "kind": kind,
            "worker_id": worker_id,
            "received_at": instant(received_at),
            "reference": reference,
            "registered_at": instant(now),
            "registered_by": by.name,
            "acknowledge_due_at": instant(due.acknowledge_due_at),
            "close_due_at": instant(due.close_due_at),
            "calendar": due.calendar,
        }
        with self._database.write() as connection:
            case = register.find(connection, "request", register.add(connection, "request", row))
            told = {"kind": kind, "worker_id": worker_id, "reference": reference}
            audit.add(connection, instant(now), by.name, "register:request_added", f"R-{case.id}", told)
        return self._standing(case, now)

    def step(self, number: str, step: Step, reference: str, by: Caller) -> Standing:
        """Take a case's next step. Raises NotPermitted, NotFound, ContractViolated, Conflict (another is next)."""
        require(by, "register.write")
        _check_reference(reference)
        of, row_id = _parsed(number)
        now = self._clock()
        with self._database.write() as connection:
            case = register.find(connection, of, row_id, lock=True)
            if case.next_step != step:
                raise Conflict("register-step-order", (case.next_step or "-",))
            register.take_step(connection, of, row_id, StepTaken(step, instant(now), by.name, reference))
            told = {"step": step, "reference": reference}
            audit.add(connection, instant(now), by.name, "register:step_taken", number, told)
            changed = register.find(connection, of, row_id)
        return self._standing(changed, now)

    def show(self, number: str, by: Caller) -> Standing:
        """Raises NotPermitted, NotFound."""
        require(by, "register.read")
        with self._database.read() as connection:
            case = register.find(connection, *_parsed(number))
        return self._standing(case, self._clock())

    def cases(self, by: Caller, *, open_only: bool = False, overdue_only: bool = False) -> list[Standing]:
        """The next deadline first, then what has none. Raises NotPermitted."""
        require(by, "register.read")
        now = self._clock()
        late_at = instant(now) if overdue_only else None
        with self._database.read() as connection:
            found = register.first_due(connection, open_only=open_only, late_at=late_at)
        return [self._standing(case, now) for case in sorted(found, key=_by_deadline)]

    def overdue(self) -> dict[CaseType, int]:
        """How many cases are late: a number for whoever watches, and nobody's data."""
        with self._database.read() as connection:
            return register.overdue(connection, instant(self._clock()))

    def _check(self, case: CaseType, kind: str, at: dt.datetime, member: str, reference: str) -> dt.datetime:
        if kind not in kinds(case):
            raise ContractViolated("register-kind-unknown", ("kind", "|".join(kinds(case))))
        _check_reference(reference)
        now = self._clock()
        if at > now + _CLOCKS_DIFFER:
            raise ContractViolated("register-in-future", (member,))
        return now

    def _standing(self, case: Case, now: dt.datetime) -> Standing:
        if case.next_due_at is None:
            return Standing(case, None)
        due_at = parse_instant(case.next_due_at)
        return Standing(case, deadlines.remaining(due_at, now, in_working_days=case.type == "request"))


def _by_deadline(case: Case) -> tuple[bool, str, str, int]:
    return (case.next_due_at is None, case.next_due_at or "", case.type, -case.id)


def _check_reference(reference: str) -> None:
    if not is_reference(reference):
        raise ContractViolated("register-reference-invalid", ("reference",))


def _parsed(number: str) -> tuple[CaseType, int]:
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise NotFound("case-not-found")
    return _CASES[match[1]], int(match[2])
