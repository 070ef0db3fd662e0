"""The record in the words of the population database, and what that system says, in ours. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import orjson

from adapters.lgsp import words
from adapters.lgsp.instants import happened
from adapters.lgsp.plain_text import clean
from adapters.population import wire
from contracts.adapter_port import CannotTranslate, Change, PersonKey, View
from contracts.canonical import Json, JsonObject
from contracts.worker import Groups, Values, WorkerRecord

WORDS: Final = words.read_words("adapters.population", wire.KINDS)
ORDER: Final = tuple(word.name for word in WORDS.all)
"""The order of the members in XML, where it matters."""
TRUTHS: Final = frozenset({"CoHDLD", "NhuCauTimViec"})

# Where the citizen's own element has the field under a name; the whole name and the sex are read apart.
_CITIZEN: Final = (
    ("personal_number", "SoDinhDanh", words.heard_text),
    ("cmnd", "SoCMND", words.heard_text),
    ("birth_date", "NgayThangNamSinh", wire.heard_date),
    ("ethnic_group", "DanToc", wire.heard_ethnic_group),
)


def view(record: WorkerRecord) -> View:
    """A record as worker data is held here: the members of `NguoiLaoDong`. Raises CannotTranslate."""
    said = _say(record.groups)
    words.demand(WORDS, said, record.groups)
    return said


def held_view(worker: Mapping[str, Json]) -> View:
    """What the system holds, spelt as `view` would spell it."""
    return _say(words.hear(WORDS, worker))


def person_key(said: Mapping[str, Json]) -> PersonKey:
    """The numbers in a view."""
    number, insurance = said.get("SoDinhDanh"), said.get("MaSoBHXH")
    return PersonKey(
        personal_number=number if isinstance(number, str) else None,
        social_insurance_number=insurance if isinstance(insurance, str) else None,
    )


def citizen_groups(citizen: Mapping[str, Json]) -> Groups:
    """The basic and residence groups of a citizen. CannotTranslate when there is no name: so "not found" looks, too."""
    name = full_name(citizen)
    if name is None:
        raise CannotTranslate("full-name-missing")
    basic: Values = {"full_name": name}
    if (sex := citizen.get("GioiTinh")) in {"1", "2"}:
        basic["sex"] = sex
    for field, member, read in _CITIZEN:
        if (value := citizen.get(member)) is not None and (heard := read(value)) is not None:
            basic[field] = heard
    groups: Groups = {"basic": basic}
    places = (("permanent", "ThuongTru"), ("current", "NoiOHienTai"))
    residence: Values = {field: place for field, name in places if (place := wire.heard_address(citizen.get(name)))}
    if residence:
        groups["residence"] = residence
    return groups


def full_name(citizen: Mapping[str, Json]) -> str | None:
    """The name whole, whether it is split or stands in `Ten` alone."""
    parts = citizen.get("HoVaTen")
    if not isinstance(parts, dict):
        return None
    said = (clean(parts.get(part)) for part in ("Ho", "ChuDem", "Ten"))
    return wire.heard_name(" ".join(part for part in said if part)) if clean(parts.get("Ten")) else None


def change(row: JsonObject, change_id: str) -> Change:
    """One row of the feed. Raises ValueError, OverflowError or CannotTranslate when it cannot be read.

    A change of the citizen speaks of basic and residence, and says nothing of the worker data held. A change of worker
    data speaks of nobody's identity: the name in it is the one that was typed in, and its content is a copy of a form.
    """
    number, instant, text = row.get("SoDinhDanh"), row.get("ThoiDiem"), row.get("Body")
    if not isinstance(number, str) or not isinstance(instant, str) or not isinstance(text, str):
        raise CannotTranslate("row-incomplete")
    happened_at, as_of = happened(dt.datetime.fromtimestamp(int(instant) / 1000, dt.UTC))
    body = orjson.loads(text)
    citizen, worker = (body.get("CongDan"), body.get("NguoiLaoDong")) if isinstance(body, dict) else (None, None)
    if isinstance(citizen, dict):
        groups = citizen_groups(citizen)
        if groups["basic"].get("personal_number") != number:
            raise CannotTranslate("row-of-two-people")
        return Change(change_id, happened_at, as_of, _key(groups["basic"]), {}, groups)
    if not isinstance(worker, dict):
        raise CannotTranslate("row-incomplete")
    return Change(change_id, happened_at, as_of, PersonKey(number), held_view(worker), {})


def _key(basic: Values) -> PersonKey:
    number, cmnd = basic.get("personal_number"), basic.get("cmnd")
    return PersonKey(number if isinstance(number, str) else None, cmnd if isinstance(cmnd, str) else None)


def _say(groups: Groups) -> View:
    said = words.say(WORDS, groups)
    said.setdefault("GioiTinh", wire.UNKNOWN_SEX)
    return said
