"""Citizens as this database holds them: from the world with its differences, or as changed on this side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from contracts.codelists import load
from contracts.ethnic import gso_code
from mock_services.people.person import Person
from mock_services.people.places import Place
from mock_services.people.world import World, name_key

Citizen = dict[str, Any]
ORDER: Final = (
    "SoDinhDanh",
    "SoCMND",
    "HoVaTen",
    "GioiTinh",
    "DanToc",
    "NgayThangNamSinh",
    "ThuongTru",
    "NoiOHienTai",
    "QuocTich",
)
_DIGITS_ONLY: Final = re.compile(r"\D")


class Citizens:
    """Looked up by personal number or CMND."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._changed: dict[str, bytes] = {}
        self._by_cmnd: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._changed)

    def find(self, number: str) -> Citizen | None:
        """The citizen in the shape of the feed's `CongDan`; None when unknown here."""
        changed = self._changed.get(self._by_cmnd.get(number, number))
        if changed is not None:
            found: Citizen = orjson.loads(changed)
            return found
        person = self.world.find(number) if len(number) in {9, 12} else None
        return None if person is None else self._seen(person)

    def identity(self, number: str) -> tuple[str, str] | None:
        """Name key and birth year of a personal number: the short way for batches."""
        if number not in self._changed:
            person = self.world.find(number)
            if person is None:
                return None
            seen = self.world.seen_by("population", person)
            return (name_key(seen.full_name), seen.birth_date[:4]) if seen.known else None
        citizen = self.find(number)
        return None if citizen is None else (name_key(full_name(citizen)), birth_date(citizen)[:4])

    def laid_over(self, number: str, values: Mapping[str, Any]) -> Citizen:
        """The citizen, known or new, with values laid over; nothing is kept. None takes a value away."""
        citizen = {"QuocTich": "VN", **(self.find(number) or {}), **values, "SoDinhDanh": number}
        known = {name: citizen[name] for name in ORDER if citizen.get(name) is not None}
        return {**known, **{name: value for name, value in citizen.items() if name not in ORDER}}

    def keep(self, citizen: Citizen) -> None:
        """From now on this is the citizen."""
        number = citizen["SoDinhDanh"]
        self._changed[number] = orjson.dumps(citizen)
        if "SoCMND" in citizen:
            self._by_cmnd[citizen["SoCMND"]] = number

    def clear(self) -> None:
        """Forget all changes."""
        self._changed.clear()
        self._by_cmnd.clear()

    def _seen(self, person: Person) -> Citizen | None:
        seen = self.world.seen_by("population", person)
        if not seen.known:
            return None
        family, middle, given = seen.name_parts
        split = {"Ho": family, "ChuDem": middle, "Ten": given}
        citizen: Citizen = {"SoDinhDanh": person.personal_number}
        if person.cmnd is not None:
            citizen["SoCMND"] = person.cmnd
        citizen["HoVaTen"] = {"Ten": seen.full_name} if seen.whole_name else split
        citizen["GioiTinh"] = person.sex
        label = load("ethnic_groups").label(person.ethnic_group)
        citizen["DanToc"] = {"MaDanToc": gso_code(person.ethnic_group), "TenGoi": label}
        citizen["NgayThangNamSinh"] = _written_date(seen.birth_date, seen.iso_dates)
        citizen["ThuongTru"] = _address(person.permanent, seen.address_style)
        if person.current is not None:
            citizen["NoiOHienTai"] = _address(person.current, "practice")
        citizen["QuocTich"] = "VN"
        return citizen


def full_name(citizen: Citizen) -> str:
    """The name in one text, whichever way it is split."""
    name = citizen["HoVaTen"]
    return " ".join(part for part in (name.get("Ho"), name.get("ChuDem"), name.get("Ten")) if part)


def birth_date(citizen: Citizen) -> str:
    """yyyyMMdd or yyyy."""
    date = citizen["NgayThangNamSinh"]
    return _DIGITS_ONLY.sub("", date.get("NgayThangNam") or date["Nam"])


def agrees(citizen: Citizen, name: str, asked: str | None) -> bool:
    """Whether name and, if asked, birth date (yyyyMMdd or yyyy) fit; where one side knows only the year, the year."""
    if name_key(name) != name_key(full_name(citizen)):
        return False
    if asked is None:
        return True
    held = birth_date(citizen)
    length = min(len(held), len(asked))
    return held[:length] == asked[:length]


def _written_date(partial: str, iso: bool) -> dict[str, str]:
    if len(partial) < 10:
        return {"Nam": partial[:4]}
    return {"NgayThangNam": partial if iso else partial.replace("-", "")}


def _address(place: Place, style: str) -> dict[str, str]:
    end = {"ChiTiet": place.detail, "QuocGia": "VN"}
    if style == "standard":
        return {"MaDonViHanhChinh": place.commune, **end}
    if style == "old_codes":
        old = place.old
        return {"MaTinhThanh": place.province, "MaQuanHuyen": old.old_district_code, "MaPhuongXa": old.old_code, **end}
    return {"MaTinhThanh": place.province, "MaPhuongXa": place.commune, **end}
