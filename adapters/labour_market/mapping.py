"""The record in the words of labour supply and demand, and what that system says, in ours. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from adapters.labour_market.wire import KINDS
from adapters.lgsp import words
from adapters.lgsp.instants import happened
from contracts.adapter_port import CannotTranslate, Change, PersonKey, View
from contracts.canonical import Json, JsonObject
from contracts.worker import GroupName, Groups, Values, WorkerRecord

WORDS: Final = words.read_words("adapters.labour_market", KINDS)
ASSERTED: Final[tuple[GroupName, ...]] = ("education", "situation", "special", "needs")
"""What a change over there says of a person; identity and insurance are copies of what others said."""

_ACTIVITY: Final = "tinh_trang_hdkt"
# NĐ 318 has no reason "disabled" for being inactive; it is said as "other" beside the special status, and heard so.
_DISABLED, _OTHER, _DISABLED_PERSON = "4", "9", "1"


def view(record: WorkerRecord) -> View:
    """A record as this system holds a worker: the members of its `NguoiLaoDong`. Raises CannotTranslate."""
    said = _say(record.groups)
    words.demand(WORDS, said, record.groups)
    return said


def held_view(worker: Mapping[str, Json]) -> View:
    """What the system holds, spelt as `view` would spell it."""
    return _say(_hear(worker))


def person_key(said: Mapping[str, Json]) -> PersonKey:
    """The numbers in a view."""
    number, cmnd, insurance = (said.get(name) for name in ("so_dinh_danh", "so_cmnd", "ma_so_bhxh"))
    return PersonKey(_text(number), _text(cmnd), _text(insurance))


def change(row: JsonObject, change_id: str) -> Change:
    """One row of the feed. Raises ValueError or CannotTranslate when it cannot be read."""
    worker, instant = row.get("nguoi_lao_dong"), row.get("thoi_diem")
    if not isinstance(worker, dict) or not isinstance(instant, str) or worker.get("so_dinh_danh") is None:
        raise CannotTranslate("row-incomplete")
    when = dt.datetime.fromisoformat(instant)
    if when.tzinfo is None:
        raise CannotTranslate("instant-without-zone")
    happened_at, as_of = happened(when)
    groups = _hear(worker)
    held = _say(groups)
    return Change(change_id, happened_at, as_of, person_key(held), held, _asserted(groups))


def _asserted(groups: Groups) -> Groups:
    """What is this system's own word.

    A situation is said whole, with None for what is empty over there.

    A person who is placed with a new employer keeps the activity; the old employer's address, left unmentioned, would
    be taken for the new one's.
    """
    said = words.only(groups, ASSERTED)
    situation = said.pop("situation", {})
    activity = situation.get("activity")
    if activity is not None:
        empty: Values = {word.field: None for word in WORDS.all if word.when == (_ACTIVITY, activity)}
        said["situation"] = {**empty, **situation}
    return said


def _say(groups: Groups) -> View:
    situation = groups.get("situation", {})
    said = words.say(WORDS, groups)
    if situation.get("inactive_reason") == _DISABLED and said.get(_ACTIVITY) == "3":
        known = said.get("dac_thu")
        said["ly_do_khong_tham_gia"] = _OTHER
        said["dac_thu"] = [*sorted({_DISABLED_PERSON, *(known if isinstance(known, list) else [])}, key=str)]
    return said


def _hear(worker: Mapping[str, Json]) -> Groups:
    groups = words.hear(WORDS, worker)
    situation = groups.get("situation", {})
    special = groups.get("special", {}).get("priority_groups")
    if situation.get("inactive_reason") == _OTHER and isinstance(special, list) and _DISABLED_PERSON in special:
        situation["inactive_reason"] = _DISABLED
    return groups


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
