"""How one system's version of a person differs from the person: drawn per (seed, index, system)."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mock_services.people.person import Person

System: TypeAlias = Literal["population", "social_insurance"]
AddressStyle: TypeAlias = Literal["practice", "standard", "old_codes"]

NOT_FOUND_SHARE: Final = 0.005
MISMATCH_SHARE: Final = 0.01
OLD_CODE_SHARE: Final = 0.08
_NEW_TONE: Final = {"oà": "òa", "oá": "óa", "oả": "ỏa", "uý": "úy", "uỷ": "ủy", "uỳ": "ùy", "uỵ": "ụy", "oè": "òe"}
_OPEN_RIME: Final = re.compile(f"(?<![Qq])(?:{'|'.join(_NEW_TONE)})(?!\\w)")


@dataclass(frozen=True, slots=True)
class Differences:
    """What a system has otherwise. `known` False: the system has never heard of the person."""

    known: bool
    full_name: str
    name_parts: tuple[str, str, str]
    birth_date: str
    iso_dates: bool
    whole_name: bool
    address_style: AddressStyle


def old_tone_places(name: str) -> str:
    """Hoà → Hòa, Thuý → Thúy: the older style, as half of the data bases write."""
    return _OPEN_RIME.sub(lambda found: _NEW_TONE[found[0]], name)


def differences(seed: int, person: Person, system: System) -> Differences:
    """One system's version; social insurance knows nobody less, but spells and dates a little worse."""
    rng = random.Random(f"{seed}/{person.index}/{system}")
    pick = rng.random
    known = pick() >= NOT_FOUND_SHARE or system != "population"
    mismatch, tone, style, iso, whole = pick(), pick(), pick(), pick(), pick()
    parts = (person.surname, person.middle, person.given)
    birth_date = person.birth_date
    if mismatch < MISMATCH_SHARE / 2:
        parts = _misspelt(rng, parts)
    elif mismatch < MISMATCH_SHARE:
        birth_date = _misdated(rng, birth_date)
    if tone < 0.5:
        parts = (parts[0], old_tone_places(parts[1]), old_tone_places(parts[2]))
    return Differences(
        known=known,
        full_name=" ".join(part for part in parts if part),
        name_parts=parts,
        birth_date=birth_date,
        iso_dates=iso < 0.3,
        whole_name=whole < 0.4,
        address_style="old_codes" if style < OLD_CODE_SHARE else "standard" if style < 0.3 else "practice",
    )


def _misspelt(rng: random.Random, parts: tuple[str, str, str]) -> tuple[str, str, str]:
    """Another name of the same person: the middle name dropped or added, the surname in its other spelling."""
    surname, middle, given = parts
    if surname in {"Giàng", "Vàng", "Lỳ", "Tẩn"} and rng.random() < 0.5:
        return {"Giàng": "Ràng", "Vàng": "Vương", "Lỳ": "Lý Xa", "Tẩn": "Tần A"}[surname], middle, given
    return (surname, "", given) if middle and rng.random() < 0.6 else (surname, f"{middle} Kim".strip(), given)


def _misdated(rng: random.Random, birth_date: str) -> str:
    """Another year (a clerk's guess), or another day."""
    year = int(birth_date[:4])
    if len(birth_date) < 10 or rng.random() < 0.5:
        return f"{year + (1 if rng.random() < 0.5 else -1)}{birth_date[4:]}"
    return f"{birth_date[:8]}{1 + int(birth_date[8:]) % 28:02d}"
