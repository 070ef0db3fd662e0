"""kill -9 in the middle of thousands of rows, and in the middle of sending them on: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import acceptance
from tests.journeys.town import Town


@pytest.mark.parametrize(
    ("database_url", "by", "rows"), [("sqlite", "cli", 3_000), ("postgresql", "http", 800)], indirect=["database_url"]
)
def test_a_gateway_killed_twice_loses_nothing_doubles_nothing_and_ends_equal_everywhere(
    tmp_path: Path, database_url: str, by: str, rows: int
) -> None:
    file = tmp_path / "entries.jsonl"
    acceptance.generate(file, rows)
    with Town(tmp_path, database_url, people=rows) as town:
        outcome = acceptance.run(town, file, acceptance.WAYS[by])
    assert outcome.faults() == [], "\n".join(outcome.lines())
