"""Addresses: provinces and communes by code and day. Two-tier government since 01/7/2025; a code may be reused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from contracts import communes
from contracts.canonical import JsonObject
from contracts.codelists import load
from contracts.dates import is_iso_date
from gateway.quality.facts import Facts, text
from gateway.quality.registry import FORM_TT11, Hit, Outcome, rule
from gateway.quality.traits import ODD_PLACE

_PROVINCES: Final = load("provinces_2025").codes
_OLD_PROVINCES: Final = frozenset(row["gso_code_old"] for row in load("cccd_province_codes").rows)
_DAY_BEFORE: Final = "2025-06-30"


def _hits(facts: Facts, fits: Callable[[JsonObject], bool]) -> tuple[Hit, ...]:
    return tuple(Hit(paths=(path,)) for path, address in facts.unusual_places if fits(address))


def _since(address: JsonObject) -> str:
    return text(address.get("commune_on")) or communes.TWO_TIER_FROM


@rule("SACH-036", "warn", trait=ODD_PLACE)
def province_is_unknown(facts: Facts) -> Outcome:
    def unknown(address: JsonObject) -> bool:
        province = address.get("province")
        if province is None:
            return False
        return not isinstance(province, str) or (province not in _PROVINCES and province not in _OLD_PROVINCES)

    return _hits(facts, unknown)


@rule("SACH-042", "note", trait=ODD_PLACE)
def province_code_is_of_before_the_merger(facts: Facts) -> Outcome:
    def old(address: JsonObject) -> bool:
        province = address.get("province")
        if not isinstance(province, str) or province in _PROVINCES or province not in _OLD_PROVINCES:
            return False
        return _since(address) >= communes.TWO_TIER_FROM

    return _hits(facts, old)


def _unknown_here(facts: Facts, address: JsonObject) -> str | None:
    """A commune code of this province that held on no such day."""
    commune, province = address.get("commune"), address.get("province")
    if not isinstance(commune, str) or province not in (None, facts.settings.province):
        return None
    return None if communes.current(commune, _since(address)) else commune


@rule("SACH-037", "warn", trait=ODD_PLACE)
def commune_is_unknown(facts: Facts) -> Outcome:
    found = ((path, _unknown_here(facts, address)) for path, address in facts.unusual_places)
    return tuple(Hit(paths=(path,)) for path, code in found if code and not communes.current(code, _DAY_BEFORE))


@rule("SACH-038", "note", trait=ODD_PLACE)
def commune_code_ended_with_the_districts(facts: Facts) -> Outcome:
    hits = []
    for path, address in facts.unusual_places:
        code = _unknown_here(facts, address)
        today = communes.current(code, _DAY_BEFORE) if code else None
        if code and today:
            hits.append(Hit((code, today.code), (path,)))
    return tuple(hits)


@rule("SACH-039", "note", trait=ODD_PLACE)
def residence_is_outside_the_province(facts: Facts) -> Outcome:
    hits = []
    for path, address in facts.unusual_places:
        province = text(address.get("province"))
        if province in _PROVINCES and province != facts.settings.province and path.startswith("residence."):
            hits.append(Hit((province,), (path,)))
    return tuple(hits)


@rule("SACH-046", "warn", trait=ODD_PLACE)
def day_of_the_commune_code_is_no_date(facts: Facts) -> Outcome:
    def unreadable(address: JsonObject) -> bool:
        since = address.get("commune_on")
        return since is not None and not (isinstance(since, str) and is_iso_date(since))

    return _hits(facts, unreadable)


@rule("DUNG-069", "warn", trait=ODD_PLACE)
def commune_and_province_do_not_belong_together(facts: Facts) -> Outcome:
    def torn(address: JsonObject) -> bool:
        commune, province = text(address.get("commune")), text(address.get("province"))
        if commune is None or province in (None, facts.settings.province):
            return False
        return communes.current(commune, _since(address)) is not None

    return _hits(facts, torn)


@rule("DU-026", "warn", trait=ODD_PLACE)
def commune_of_a_residence_is_missing(facts: Facts) -> Outcome:
    # The commune of residence decides whose record it is; other provinces' communes are not ours to demand.
    def without(address: JsonObject) -> bool:
        return address.get("commune") is None and address.get("province") in (None, facts.settings.province)

    return tuple(hit for hit in _hits(facts, without) if hit.paths and hit.paths[0].startswith("residence."))


def _same_place(one: object, other: object) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict) or one.get("commune") is None:
        return False
    return one.get("commune") == other.get("commune") and one.get("detail") == other.get("detail")


@rule("DUNG-082", "note", "residence.current", "residence.permanent")
def current_residence_repeats_the_permanent_one(facts: Facts) -> Outcome:
    return _same_place(facts.residence.get("current"), facts.residence.get("permanent"))


@rule("DUNG-083", "warn", "residence.temporary", "residence.permanent")
def temporary_residence_repeats_the_permanent_one(facts: Facts) -> Outcome:
    return _same_place(facts.residence.get("temporary"), facts.residence.get("permanent"))


@rule("SACH-044", "note", "xa", forms=FORM_TT11)
def commune_in_the_header_is_unknown(facts: Facts) -> Outcome:
    code = text(facts.fields.get("xa"))
    return code is not None and communes.current(code, facts.subject.declared_on) is None


@rule("DUNG-023", "note", "xa", "residence.current", forms=FORM_TT11)
def commune_in_the_header_is_not_where_the_person_lives(facts: Facts) -> Outcome:
    header = text(facts.fields.get("xa"))
    home = facts.residence.get("current") or facts.residence.get("permanent")
    lives = text(home.get("commune")) if isinstance(home, dict) else None
    if header is None or lives is None or header == lives:
        return False
    made_by = communes.current(header, facts.subject.declared_on)
    return made_by is not None and made_by.code != lives
