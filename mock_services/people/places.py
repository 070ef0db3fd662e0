"""Where people live: the 38 communes, villages with invented names, and the old unit that the commune had swallowed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from contracts.communes import ALL, PROVINCE_CODE, OldUnit, old_units

PROVINCE_NAME = "Tỉnh Lai Châu"
_FIRST = ("Nà", "Nậm", "Pa", "Huổi", "Chiềng", "Lùng", "Tả", "Sín", "Phìn", "Mường", "Hua", "Can", "Pắc", "Thèn")
_SECOND = ("Mẫu", "Ban", "Khằm", "Luông", "Phăng", "Chải", "Hồ", "Sang", "Pục", "Khoang", "Chồ", "Tăm", "Lốt", "Cải")
_WARD_UNITS = tuple(commune for commune in ALL if commune.name.startswith("Phường"))
_WARDS = frozenset(ward.code for ward in _WARD_UNITS)


@dataclass(frozen=True, slots=True)
class Place:
    """An address of today; `old` is the unit of before 01/07/2025 in whose area it lies."""

    commune: str
    commune_name: str
    detail: str
    old: OldUnit
    province: str = PROVINCE_CODE

    @property
    def text(self) -> str:
        """The address in one line, as people write it."""
        return f"{self.detail}, {self.commune_name}, {PROVINCE_NAME}"


@cache
def _parts() -> dict[str, tuple[OldUnit, ...]]:
    found: dict[str, list[OldUnit]] = {}
    for unit in old_units():
        found.setdefault(unit.new_code, []).append(unit)
    return {code: tuple(units) for code, units in found.items()}


def draw_place(rng: random.Random) -> Place:
    """A home anywhere in the province; the two wards are larger."""
    pick = rng.random
    commune = ALL[int(pick() * len(ALL))]
    if commune.code not in _WARDS and pick() < 0.08:
        commune = _WARD_UNITS[int(pick() * len(_WARD_UNITS))]
    units = _parts()[commune.code]
    old = units[int(pick() * len(units))]
    if commune.code in _WARDS:
        detail = f"Tổ dân phố số {1 + int(pick() * 24)}"
    else:
        detail = f"Bản {_FIRST[int(pick() * len(_FIRST))]} {_SECOND[int(pick() * len(_SECOND))]}"
    return Place(commune.code, commune.name, detail, old)
