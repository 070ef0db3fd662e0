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
    "offset-before-wanted": (1_000, ("propagate-1", "propagate-2"), None),
    "pending-before-acknowledged": (1_000, ("relay-1", "relay-2"), None),
    "random-partition-key": (200, (), "each event lies where its key says"),
    "older-over-newer": (200, (), "nobody differs in any system"),
    "parked-forgotten": (200, (), "whoever was refused was shown as a dead letter"),
    "other-bytes": (200, (), "each event on Kafka is the stored one, byte for byte"),
}
"""By name: how many rows, who is killed, and which check of the run must say no.

Where a loss needs a kill at the right moment, the load lasts as long as the kills do, and which check sees it first
depends on what was in hand: any of them will do.
"""


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
    rows, victims, check = FOUND_BY[fault]
    file = open_path / "entries.jsonl"
    acceptance.generate(file, rows)
    with StackPlace(open_path, people=rows, seed=acceptance.SEED, plant=fault) as place:
        outcome = torture.run(place, file, seed=1, victims=victims)
    found = outcome.faults()
    assert found if check is None else check in found, "\n".join(outcome.lines())
