"""The record in the words of social insurance, and what that system says, in ours. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from adapters.lgsp import words
from adapters.lgsp.instants import VIET_NAM, happened
from adapters.lgsp.places import lived_in
from adapters.social_insurance import wire
from contracts.adapter_port import CannotTranslate, Change, PersonKey, View
from contracts.canonical import Json, JsonObject
from contracts.worker import Groups, Values, WorkerRecord

WORDS: Final = words.read_words("adapters.social_insurance", wire.KINDS)
_ENDED: Final = "GH"
_PARTICIPATIONS: Final = {wire.COMPULSORY: "1", wire.VOLUNTARY: "2"}


def view(record: WorkerRecord) -> View:
    """A record as this system holds a person: the members of its `NguoiLaoDong`. Raises CannotTranslate."""
    said = _say(record.groups)
    words.demand(WORDS, said, record.groups)
    return said


def held_view(worker: Mapping[str, Json]) -> View:
    """What the system holds, spelt as `view` would spell it."""
    return _say(_hear(worker))


def person_key(said: Mapping[str, Json]) -> PersonKey:
    """The numbers in a view, or in a row of the feed."""
    number, insurance = said.get("soDinhDanh"), said.get("maSoBhxh")
    return PersonKey(
        personal_number=number if isinstance(number, str) else None,
        social_insurance_number=insurance if isinstance(insurance, str) else None,
    )


def change(row: JsonObject, change_id: str) -> Change:
    """One row of the feed. Raises ValueError or CannotTranslate when it cannot be read.

    Only a spell of participation is this system's own word, and only such a row speaks of a group. It says nothing of
    what we wrote then: it could be taken for an echo of our own call, and its news be lost.
    """
    instant, worker, spell = row.get("thoiDiem"), row.get("nguoiLaoDong"), row.get("quaTrinh")
    if not isinstance(instant, str) or not isinstance(row.get("soDinhDanh"), str):
        raise CannotTranslate("row-incomplete")
    when = dt.datetime.strptime(instant, "%Y%m%d%H%M%S").replace(tzinfo=VIET_NAM)
    happened_at, as_of = happened(when)
    if isinstance(spell, dict):
        groups: Groups = {"insurance": insurance(spell, row.get("maSoBhxh"))}
        return Change(change_id, happened_at, as_of, person_key(row), {}, groups)
    held = held_view(worker) if isinstance(worker, dict) else {}
    return Change(change_id, happened_at, as_of, person_key(row), held, {})


def insurance(spell: Mapping[str, Json], number: Json) -> Values:
    """The insurance group of a spell (`QuaTrinh`), whole: what is null there is known to be empty."""
    kind, ended = spell.get("loaiHinhThamGia"), spell.get("trangThai") == _ENDED
    covered, unit, name = spell.get("thamGiaBhtn"), spell.get("maDonVi"), spell.get("tenDonVi")
    participation = _PARTICIPATIONS.get(kind) if isinstance(kind, str) else None
    if participation is None:
        raise CannotTranslate("kind-of-participation-unknown")
    values: Values = {
        "participation": wire.NONE if ended else participation,
        "unemployment_insurance": covered == "1" and not ended,
        "insured_employer_code": words.heard_text(unit),
        "insured_employer_name": words.heard_text(name),
        "insured_from": wire.heard_month(spell.get("tuThang")),
        "insured_to": wire.heard_month(spell.get("denThang")),
        "movement": words.heard_text(spell.get("trangThai")),
    }
    if isinstance(number, str) and number:
        values["social_insurance_number"] = number
    return values


def _say(groups: Groups) -> View:
    said = words.say(WORDS, groups)
    born = groups.get("basic", {}).get("birth_date")
    known = wire.said_birth_date(born) if isinstance(born, str) else None
    if known:
        said["loaiNgaySinh"] = known[1]
    said.setdefault("gioiTinh", wire.UNKNOWN_SEX)
    said.update(wire.said_place(lived_in(groups.get("residence", {}))))
    return said


def _hear(worker: Mapping[str, Json]) -> Groups:
    groups = words.hear(WORDS, worker)
    born = wire.heard_birth_date(worker.get("ngaySinh"), worker.get("loaiNgaySinh"))
    if born is not None:
        groups.setdefault("basic", {})["birth_date"] = born
    place = wire.heard_place(worker)
    if place is not None:
        groups["residence"] = {"current": place}
    return groups
