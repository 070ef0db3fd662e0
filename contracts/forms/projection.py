"""The record → the NĐ 318 form: what can be said there, and what was lost, shifted in meaning, or must be asked.

Source: the mapping of Mẫu số 03 to the decree's Điều 4 (a reconstruction: no circular states it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from contracts.canonical import Json, JsonObject
from contracts.forms.nd318 import NO_CONTRACT
from contracts.worker import GroupName, Groups

QuestionKind: TypeAlias = Literal["lost", "ask", "flag"]


@dataclass(frozen=True, slots=True)
class Question:
    """`path` in the record. `lost`: the form has no place for it. `flag`: said in `field`, with a shifted meaning.

    `ask`: the form wants an answer in `field` that nobody has been asked for, or only a lower bound of it is known.
    """

    path: str
    kind: QuestionKind
    field: str | None = None


_EMPLOYED: Final = "1"
_UNEMPLOYED: Final = "2"
_DISABLED_REASON: Final = "4"
_OTHER_REASON: Final = "9"
_DISABLED_PERSON: Final = "1"
_GRADE_AT_LEAST: Final = {"2": "5/5", "3": "9/12", "4": "12/12"}
"""What a certificate proves at least: primary, lower secondary, upper secondary."""

_SAME: Final[tuple[tuple[str, GroupName, str], ...]] = (
    ("ho_ten", "basic", "full_name"),
    ("ngay_sinh", "basic", "birth_date"),
    ("gioi_tinh", "basic", "sex"),
    ("so_dinh_danh", "basic", "personal_number"),
    ("ma_so_bhxh", "insurance", "social_insurance_number"),
    ("tinh_trang_hdkt", "situation", "activity"),
    ("tham_gia_bhxh", "insurance", "participation"),
    ("chuc_vu", "situation", "job_title"),
    ("nghe_nghiep", "situation", "occupation"),
    ("ten_nsdld", "situation", "workplace_name"),
    ("ma_so_nsdld", "situation", "employer_code"),
    ("loai_hinh", "situation", "workplace_kind"),
    ("nganh_kinh_te", "situation", "industry"),
    ("thoi_gian_that_nghiep", "situation", "unemployment_duration"),
    ("ly_do_that_nghiep", "situation", "unemployment_reason"),
    ("nhu_cau", "needs", "job_seeking"),
)
_LOST: Final[tuple[tuple[GroupName, str], ...]] = (
    ("basic", "cmnd"),
    ("basic", "ethnic_group"),
    ("situation", "employment_status"),
    ("situation", "unemployment_history"),
    ("insurance", "unemployment_insurance"),
    ("insurance", "insured_employer_code"),
    ("insurance", "insured_employer_name"),
    ("insurance", "insured_from"),
    ("insurance", "insured_to"),
    ("insurance", "movement"),
)
_ASKED_OF_ALL: Final[tuple[tuple[GroupName, str, str], ...]] = (("basic", "personal_number", "so_dinh_danh"),)
_ASKED_OF_EMPLOYED: Final[tuple[tuple[GroupName, str, str], ...]] = (
    ("situation", "occupation", "nghe_nghiep"),
    ("situation", "in_industrial_zone", "dia_diem_lam_viec"),
    ("situation", "employer_code", "ma_so_nsdld"),
    ("situation", "employer_address", "tru_so"),
    ("situation", "industry", "nganh_kinh_te"),
    ("needs", "job_seeking", "nhu_cau"),
)
_ASKED_OF_UNEMPLOYED: Final[tuple[tuple[GroupName, str, str], ...]] = (
    ("situation", "unemployment_reason", "ly_do_that_nghiep"),
    ("needs", "job_seeking", "nhu_cau"),
)


def to_nd318(groups: Groups) -> tuple[JsonObject, tuple[Question, ...]]:
    """The form's fields (empty ones left out) and the questions that a person has to settle."""
    fields: JsonObject = {}
    for field, group, name in _SAME:
        _put(fields, field, groups.get(group, {}).get(name))
    questions = [
        *_residence(fields, groups.get("residence", {})),
        *_education(fields, groups.get("education", {})),
        *_reason(fields, groups),
    ]
    _job(fields, groups.get("situation", {}))
    questions += (Question(f"{group}.{name}", "lost") for group, name in _LOST if _known(groups, group, name))
    questions += _unasked(groups)
    return fields, tuple(questions)


def _put(fields: JsonObject, name: str, value: Json) -> None:
    if value is not None:
        fields[name] = value


def _known(groups: Groups, group: GroupName, name: str) -> bool:
    return groups.get(group, {}).get(name) is not None


def _address(value: Json) -> JsonObject | None:
    if not isinstance(value, dict):
        return None
    said: JsonObject = {}
    for name, key in (("ma_tinh", "province"), ("ma_xa", "commune"), ("ngay_ma", "commune_on"), ("chi_tiet", "detail")):
        _put(said, name, value.get(key))
    return said or None


def _composite(**members: Json) -> JsonObject | None:
    return {name: value for name, value in members.items() if value is not None} or None


def _residence(fields: JsonObject, residence: JsonObject) -> list[Question]:
    permanent = _address(residence.get("permanent"))
    temporary, current = _address(residence.get("temporary")), _address(residence.get("current"))
    _put(fields, "thuong_tru", permanent)
    if current is None or current in (permanent, temporary):
        _put(fields, "tam_tru", temporary)
        return []
    _put(fields, "tam_tru", temporary or current)
    # Where somebody lives is not where somebody is registered for a time: said, but marked.
    return [Question("residence.current", "lost") if temporary else Question("residence.current", "flag", "tam_tru")]


def _education(fields: JsonObject, education: JsonObject) -> list[Question]:
    _put(
        fields,
        "trinh_do_cmkt",
        _composite(ma=education.get("technical_qualification"), nganh=education.get("training_field")),
    )
    grade, level = education.get("general_grade"), education.get("general_education")
    if grade is not None or level is None:
        _put(fields, "lop_gdpt", grade)
        return []
    _put(fields, "lop_gdpt", _GRADE_AT_LEAST.get(cast(str, level)))
    return [Question("education.general_education", "ask", "lop_gdpt")]


def _reason(fields: JsonObject, groups: Groups) -> list[Question]:
    reason = groups.get("situation", {}).get("inactive_reason")
    special = groups.get("special", {}).get("priority_groups")
    disabled = reason == _DISABLED_REASON
    ticked = {one for one in special if isinstance(one, str)} if isinstance(special, list) else set()
    ticked |= {_DISABLED_PERSON} if disabled else set()
    _put(fields, "dac_thu", [*sorted(ticked)] or None)
    _put(fields, "ly_do", _OTHER_REASON if disabled else reason)
    return [Question("situation.inactive_reason", "flag", "ly_do")] if disabled else []


def _job(fields: JsonObject, situation: JsonObject) -> None:
    kind = situation.get("contract_kind")
    if kind is None and situation.get("has_contract") is False:
        kind = NO_CONTRACT
    _put(fields, "hdld", _composite(loai=kind, ngay_bat_dau=situation.get("contract_started_on")))
    place = _address(situation.get("workplace_address")) or {}
    _put(place, "khu_cong_nghiep", situation.get("in_industrial_zone"))
    _put(fields, "dia_diem_lam_viec", place or None)
    _put(fields, "tru_so", _address(situation.get("employer_address")))


def _unasked(groups: Groups) -> list[Question]:
    situation = groups.get("situation", {})
    activity = situation.get("activity")
    wanted = _ASKED_OF_ALL
    if activity == _EMPLOYED:
        wanted += _ASKED_OF_EMPLOYED
    elif activity == _UNEMPLOYED:
        wanted += _ASKED_OF_UNEMPLOYED
    asked = [Question(f"{g}.{name}", "ask", field) for g, name, field in wanted if name not in groups.get(g, {})]
    if situation.get("has_contract") is True and situation.get("contract_kind") is None:
        asked.append(Question("situation.contract_kind", "ask", "hdld"))
    return asked
