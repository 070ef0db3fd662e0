"""Lists in answers: rows are objects; anything else is no answer."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.lgsp.faults import not_an_answer
from contracts.canonical import Json, JsonObject

ROWS_MAX = 1_000


def rows_of(value: Json) -> list[JsonObject]:
    """The objects of a list; null is an empty one. Raises TryLater."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > ROWS_MAX:
        raise not_an_answer("no list of rows")
    rows = [row for row in value if isinstance(row, dict)]
    if len(rows) != len(value):
        raise not_an_answer("a row that is no object")
    return rows


def rows_about(value: Json, member: str, numbers: Sequence[Json]) -> list[JsonObject]:
    """One row per person, in the order in which they were named in the question. Raises TryLater."""
    rows = rows_of(value)
    if [row.get(member) for row in rows] != list(numbers):
        raise not_an_answer("rows about other people than were named")
    return rows
