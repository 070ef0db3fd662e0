"""The run under fire is itself tried: it must find each of six faults that a careless change could make."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.journeys import acceptance, torture
from tests.journeys.planted.faults import PLANTS
from tests.journeys.stack_place import StackPlace

FOUND_BY: Final = {
    "offset-before-wanted": "the watcher finds every version in its place",
    "pending-before-acknowledged": "versions appear on Kafka as 1..n",
    "random-partition-key": "each event lies where its key says",
    "older-over-newer": "nobody differs in any system",
    "parked-forgotten": "whoever was refused was shown as a dead letter",
    "other-bytes": "each event on Kafka is the stored one, byte for byte",
}
"""By name: which check of the run must say no."""
ROWS: Final = 200


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder through which the database's own account may pass."""
    with tempfile.TemporaryDirectory(prefix="lgsp-planted-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_every_planted_fault_has_its_check() -> None:
    assert set(FOUND_BY) == set(PLANTS)


@pytest.mark.parametrize("fault", FOUND_BY)
def test_a_planted_fault_is_found(open_path: Path, fault: str) -> None:
    file = open_path / "entries.jsonl"
    acceptance.generate(file, ROWS)
    with StackPlace(open_path, people=ROWS, seed=acceptance.SEED, plant=fault) as place:
        outcome = torture.run(place, file, seed=1, victims=())
    assert FOUND_BY[fault] in outcome.faults(), "\n".join(outcome.lines())
