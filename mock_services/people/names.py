"""Names as the province's peoples bear them: pools per ethnic group and sex, put together by chance."""

from __future__ import annotations

import csv
import random
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class _Pool:
    surnames: tuple[str, ...]
    middle: dict[str, tuple[str, ...]]
    given: dict[str, tuple[str, ...]]


@cache
def _pools() -> tuple[tuple[str, ...], tuple[int, ...], dict[str, _Pool]]:
    text = (resources.files(__package__) / "names.csv").read_text(encoding="utf-8")
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    weights: dict[str, int] = {}
    for row in csv.DictReader(text.splitlines()):
        parts.setdefault(row["ethnic_group"], {})[row["part"]] = tuple(row["values"].split("|"))
        weights[row["ethnic_group"]] = int(row["weight"])
    pools = {
        group: _Pool(
            surnames=pool["surname"],
            middle={sex: pool[f"middle_{sex}"] for sex in ("1", "2")},
            given={sex: pool[f"given_{sex}"] for sex in ("1", "2")},
        )
        for group, pool in parts.items()
    }
    return tuple(weights), tuple(accumulate(weights.values())), pools


def draw_ethnic_group(rng: random.Random) -> str:
    """A group by its share in the province (QĐ 121 code)."""
    groups, cumulative, _ = _pools()
    return groups[bisect(cumulative, rng.randrange(cumulative[-1]))]


def draw_name(rng: random.Random, ethnic_group: str, sex: str) -> tuple[str, str, str]:
    """Surname, middle (may be empty), given name."""
    pool = _pools()[2][ethnic_group]
    pick = rng.random
    surname = pool.surnames[int(pick() * len(pool.surnames))]
    middle = pool.middle[sex][int(pick() * len(pool.middle[sex]))]
    given = pool.given[sex][int(pick() * len(pool.given[sex]))]
    return surname, middle, given


def joined(*parts: str) -> str:
    """The parts with single spaces, empty ones left out."""
    return " ".join(part for part in parts if part)
