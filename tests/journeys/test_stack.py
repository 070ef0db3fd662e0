"""The whole topology on one machine, under fire."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import acceptance, torture
from tests.journeys.stack_place import StackPlace

ROWS = 800


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """A folder through which the database's own account may pass."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o711)
    return tmp_path


def test_entries_survive_every_part_being_killed_twice(open_path: Path) -> None:
    file = open_path / "entries.jsonl"
    acceptance.generate(file, ROWS)
    with StackPlace(open_path, people=ROWS, seed=acceptance.SEED) as place:
        outcome = torture.run(place, file, seed=1)
    assert outcome.faults() == [], "\n".join(outcome.lines())
