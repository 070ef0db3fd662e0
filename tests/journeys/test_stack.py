"""The whole topology on one machine, under fire."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys import acceptance, torture
from tests.journeys.stack_place import StackPlace

ROWS = 800


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder through which the database's own account may pass; any other run closes those of `tmp_path` again."""
    with tempfile.TemporaryDirectory(prefix="lgsp-stack-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_entries_survive_every_part_being_killed_twice(open_path: Path) -> None:
    file = open_path / "entries.jsonl"
    acceptance.generate(file, ROWS)
    with StackPlace(open_path, people=ROWS, seed=acceptance.SEED) as place:
        outcome = torture.run(place, file, seed=1)
    assert outcome.faults() == [], "\n".join(outcome.lines())
