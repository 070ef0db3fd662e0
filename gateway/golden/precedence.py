"""Which source is believed for which group (NĐ 318/2025 Đ8): a table, so that a new decree is a new file."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from contracts.worker import GROUPS, GroupName, Source

_UNLISTED_RANK = 9


@cache
def rank(group: GroupName, source: Source) -> int:
    """1 is believed first. A source that the table does not name for a group is believed last."""
    return _table().get((group, source), _UNLISTED_RANK)


@cache
def _table() -> dict[tuple[str, str], int]:
    text = resources.files("gateway.golden").joinpath("precedence.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    unknown = {row["group"] for row in rows} - set(GROUPS)
    if unknown:
        raise ValueError(f"precedence.csv names unknown groups: {sorted(unknown)}")
    return {(row["group"], row["source"]): int(row["rank"]) for row in rows}
