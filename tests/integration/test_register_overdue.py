"""What is late: the gauge, the list and the clock agree at every step of a case, and the tables hold no free text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import String, Table, insert
from sqlalchemy.exc import IntegrityError

from gateway.clock import VIETNAM
from gateway.permissions import Caller
from gateway.register import Register
from gateway.store import schema
from tests.intake_world import World, submission, world

OFFICER: Final = Caller("officer", "H35.1", "12", "province_officer")
REFERENCE_LENGTH: Final = 64


@dataclass
class Desk:
    """A register whose clock is turned by hand."""

    world: World
    now: dt.datetime

    def __post_init__(self) -> None:
        self.register = Register(self.world.database, self.world.records, lambda: self.now)

    def late(self) -> dict[str, int]:
        """By the gauge, after the list was asked for the same."""
        counted = self.register.overdue()
        listed = [one.case.type for one in self.register.cases(OFFICER, overdue_only=True)]
        assert counted == {case: listed.count(case) for case in counted}
        return {str(case): count for case, count in counted.items()}


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with world(f"sqlite:///{tmp_path / 'lgsp.sqlite3'}") as built:
        yield Desk(built, at("2026-07-03T08:00"))


def test_an_incident_is_late_after_72_hours_until_it_is_reported(desk: Desk) -> None:
    number = desk.register.add_incident("loss", desk.now, 3, "SC-1", OFFICER).number
    desk.now = at("2026-07-06T07:59")
    assert desk.late() == {"incident": 0, "request": 0}
    desk.now = at("2026-07-06T08:00")
    assert desk.late() == {"incident": 1, "request": 0}
    desk.register.step(number, "reported", "CV-1", OFFICER)
    desk.now = at("2027-07-06T08:00")
    assert desk.late() == {"incident": 0, "request": 0}


def test_a_request_is_late_after_2_and_again_after_10_working_days(desk: Desk) -> None:
    worker = desk.world.one(submission(1)).worker_id
    assert worker is not None
    number = desk.register.add_request("erasure", worker, desk.now, "YC-1", OFFICER).number
    desk.now = at("2026-07-07T23:59")
    assert desk.late()["request"] == 0
    desk.now = at("2026-07-08T00:00")
    assert desk.late()["request"] == 1
    desk.register.step(number, "acknowledged", "CV-1", OFFICER)
    assert desk.late()["request"] == 0
    desk.now = at("2026-07-17T23:59")
    assert desk.late()["request"] == 0
    desk.now = at("2026-07-18T00:00")
    assert desk.late()["request"] == 1
    desk.register.step(number, "closed", "CV-2", OFFICER)
    assert desk.late()["request"] == 0


def test_the_database_itself_refuses_a_case_that_is_closed_before_its_time(desk: Desk) -> None:
    desk.register.add_incident("loss", desk.now, 3, "SC-1", OFFICER)
    with pytest.raises(IntegrityError), desk.world.database.write() as connection:
        connection.execute(schema.incidents.update().values(closed_at="2026-07-05T00:00:00.000000Z"))
    row = {**dict(desk.world.rows(schema.incidents)[0]._mapping), "id": 9, "people": -1}
    with pytest.raises(IntegrityError), desk.world.database.write() as connection:
        connection.execute(insert(schema.incidents), row)


@pytest.mark.parametrize("table", [schema.incidents, schema.subject_requests], ids=lambda table: table.name)
def test_no_column_has_room_for_a_story(table: Table) -> None:
    """Texts are codes, names of callers, instants and references, none longer than a reference."""
    texts = [column.type for column in table.c if isinstance(column.type, String)]
    assert texts
    assert all(kind.length is not None and kind.length <= REFERENCE_LENGTH for kind in texts)
