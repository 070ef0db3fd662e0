"""The insured, as this agency holds them: from the world with its differences, and spells changed on this side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from contracts.communes import old_units
from mock_services.instants import today
from mock_services.people.numbers import index_of, social_insurance_number
from mock_services.people.person import Person
from mock_services.people.world import World

Spell = dict[str, Any]
_SEX: Final = {"1": "1", "2": "2"}
_UNITS: Final = old_units()


class Insured:
    """Looked up by social-insurance number or personal number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._spells: dict[str, bytes] = {}
        self._given: dict[str, str] = {}

    def find(self, number: str) -> Person | None:
        """By either number; also by a number given on this side."""
        person = self.world.find(number)
        if person is not None or len(number) != 10:
            return person
        index = index_of(number)
        if index is None or not 0 <= index < self.world.size:
            return None
        candidate: Person = self.world.person(index)
        return candidate if self.number_of(candidate) == number else None

    def number_of(self, person: Person) -> str | None:
        """The social-insurance number, if the person has one."""
        return person.social_insurance_number or self._given.get(person.personal_number)

    def spells(self, personal_number: str) -> list[Spell]:
        """Participation, newest first."""
        changed = self._spells.get(personal_number)
        if changed is not None:
            found: list[Spell] = orjson.loads(changed)
            return found
        person = self.world.find(personal_number)
        if person is None or person.life.spell is None:
            return []
        spell = person.life.spell
        return [
            {
                "loaiHinhThamGia": spell.kind,
                "thamGiaBhtn": "1" if spell.unemployment_insurance else "0",
                "maDonVi": spell.employer_code,
                "tenDonVi": spell.employer_name,
                "tuThang": _month(spell.month_from),
                "denThang": None if spell.month_to is None else _month(spell.month_to),
                "trangThai": spell.movement,
            }
        ]

    def laid_over(self, personal_number: str, values: Mapping[str, Any]) -> tuple[Spell, list[Spell]]:
        """The spell that changes and all spells after the change; nothing is kept.

        Another `tuThang` than the newest spell's begins a new one.
        """
        spells = self.spells(personal_number)
        newest = spells[0] if spells else None
        if newest is not None and values.get("tuThang", newest["tuThang"]) == newest["tuThang"]:
            spell = {**newest, **values}
            return spell, [spell, *spells[1:]]
        fresh: Spell = {
            "loaiHinhThamGia": "BB",
            "thamGiaBhtn": "1",
            "maDonVi": None,
            "tenDonVi": None,
            "tuThang": f"{today():%m/%Y}",
            "denThang": None,
            "trangThai": "TM",
        }
        spell = {**fresh, **values}
        return spell, [spell, *spells]

    def keep(self, personal_number: str, spells: list[Spell]) -> None:
        """From now on these are the spells; whoever has none of our numbers gets one."""
        self._spells[personal_number] = orjson.dumps(spells)
        person = self.world.find(personal_number)
        if person is not None and person.social_insurance_number is None:
            self._given[personal_number] = social_insurance_number(person.index)

    def clear(self) -> None:
        """Forget all changes."""
        self._spells.clear()
        self._given.clear()

    def identity(self, person: Person) -> dict[str, str]:
        """hoTen, ngaySinh, loaiNgaySinh, gioiTinh as held here."""
        seen = self.world.seen_by("social_insurance", person)
        kind = {4: "1", 7: "2"}.get(len(seen.birth_date), "0")
        return {
            "hoTen": seen.full_name,
            "ngaySinh": seen.birth_date.replace("-", ""),
            "loaiNgaySinh": kind,
            "gioiTinh": _SEX[person.sex],
        }

    def birth_registration(self, person: Person) -> dict[str, str]:
        """maTinhKs, maHuyenKs, maXaKs: codes of before 01/07/2025; of births elsewhere only the province."""
        province = person.personal_number[1:3]
        if province != "12":
            return {"maTinhKs": province, "maHuyenKs": "", "maXaKs": ""}
        unit = _UNITS[person.index % len(_UNITS)]
        return {"maTinhKs": "12", "maHuyenKs": unit.old_district_code, "maXaKs": unit.old_code}


def _month(month: str) -> str:
    return f"{month[5:7]}/{month[:4]}"
