"""The worker record: what we hold true of one person, in the seven groups of NĐ 318/2025 Điều 4.

A record is JSON-shaped: group name → field name → value. The models below state each group's shape once; they are what
schemas are generated from. A key that is absent was *not asked*; a key with `None` was asked and left empty.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from contracts.canonical import Json, JsonObject

GroupName: TypeAlias = Literal["basic", "residence", "education", "situation", "insurance", "special", "needs"]
GROUPS: Final[tuple[GroupName, ...]] = (
    "basic",
    "residence",
    "education",
    "situation",
    "insurance",
    "special",
    "needs",
)

SystemName: TypeAlias = Literal["population", "social_insurance", "labour_market"]
Source: TypeAlias = Literal["form", "population", "social_insurance", "labour_market"]

# In what we publish the names are open: readers bear one that they do not know, or no system could ever be added.
_KNOWN = "Đến nay / so far: {}. Có thể thêm tên mới / names may be added"
PublishedSystem: TypeAlias = Annotated[
    SystemName, WithJsonSchema({"type": "string", "description": _KNOWN.format(", ".join(get_args(SystemName)))})
]
PublishedSource: TypeAlias = Annotated[
    Source, WithJsonSchema({"type": "string", "description": _KNOWN.format(", ".join(get_args(Source)))})
]

Values: TypeAlias = JsonObject
Groups: TypeAlias = dict[GroupName, Values]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(_Group):
    """A place: codes with the date on which they were valid, because a code is reused for another area (NQ 2025)."""

    province: str | None = Field(None, description="Mã tỉnh / province code, two digits")
    commune: str | None = Field(None, description="Mã xã / commune code, five digits")
    commune_on: str | None = Field(None, description="Ngày mà mã xã có hiệu lực / date on which the code was valid")
    detail: str | None = Field(None, description="Số nhà, bản, tổ / house, hamlet")


class Basic(_Group):
    """Group 1, source: the national population database (NĐ 318 Đ8)."""

    full_name: str | None = Field(None, description="Họ, chữ đệm và tên khai sinh / full name")
    birth_date: str | None = Field(None, description="Ngày sinh / birth date: 1960, 1960-05 or 1960-05-12")
    sex: str | None = Field(None, description="Giới tính / sex: 1 male, 2 female")
    personal_number: str | None = Field(None, description="Số định danh cá nhân / personal number, 12 digits")
    cmnd: str | None = Field(None, description="Số CMND / old identity number, 9 digits")
    ethnic_group: str | None = Field(None, description="Dân tộc (QĐ 121) / ethnic group")


class Residence(_Group):
    """Where the person lives, source: the national population database."""

    permanent: Address | None = Field(None, description="Nơi thường trú / permanent residence")
    current: Address | None = Field(None, description="Nơi ở hiện tại / current residence")
    temporary: Address | None = Field(None, description="Nơi tạm trú / registered temporary residence")


class Education(_Group):
    """Group 2: schooling and technical qualification."""

    general_education: str | None = Field(None, description="Trình độ giáo dục phổ thông / general education")
    general_grade: str | None = Field(None, description="Lớp đã học / school grade, e.g. 12/12")
    technical_qualification: str | None = Field(None, description="Trình độ CMKT / technical qualification")
    training_field: str | None = Field(None, description="Chuyên ngành đào tạo / field of training")


class Situation(_Group):
    """Groups 3a-3c with employer and contract: replaced whole, so that nobody is unemployed with an employer."""

    activity: str | None = Field(None, description="Tình trạng hoạt động kinh tế / economic activity")
    inactive_reason: str | None = Field(None, description="Lý do không tham gia / reason for inactivity")
    employment_status: str | None = Field(None, description="Vị thế việc làm / employment status")
    job_title: str | None = Field(None, description="Công việc, chức vụ / job or title")
    occupation: str | None = Field(None, description="Nghề nghiệp (QĐ 34/2020) / occupation code")
    has_contract: bool | None = Field(None, description="Có hợp đồng lao động / has a labour contract")
    contract_kind: str | None = Field(None, description="Loại hợp đồng / kind of contract")
    contract_started_on: str | None = Field(None, description="Ngày bắt đầu hợp đồng / contract start")
    workplace_name: str | None = Field(None, description="Nơi làm việc / workplace")
    workplace_kind: str | None = Field(None, description="Loại hình nơi làm việc / kind of workplace")
    workplace_address: Address | None = Field(None, description="Địa chỉ nơi làm việc / workplace address")
    in_industrial_zone: bool | None = Field(None, description="Trong khu công nghiệp / in an industrial zone")
    employer_code: str | None = Field(None, description="Mã số người sử dụng lao động / employer code")
    employer_address: Address | None = Field(None, description="Địa chỉ trụ sở / employer's address")
    industry: str | None = Field(None, description="Ngành kinh tế (VSIC 2025) / industry code")
    unemployment_history: str | None = Field(None, description="Đã từng làm việc / worked before")
    unemployment_duration: str | None = Field(None, description="Thời gian thất nghiệp / time unemployed")
    unemployment_reason: str | None = Field(None, description="Lý do thất nghiệp / reason for unemployment")


class Insurance(_Group):
    """Group 4, source: the national insurance database."""

    social_insurance_number: str | None = Field(None, description="Mã số BHXH / social-insurance number, 10 digits")
    participation: str | None = Field(None, description="Tham gia BHXH / participation: 0 none, 1, 2")
    unemployment_insurance: bool | None = Field(None, description="Tham gia BHTN / unemployment insurance")
    insured_employer_code: str | None = Field(None, description="Mã đơn vị đóng / paying unit's code")
    insured_employer_name: str | None = Field(None, description="Tên đơn vị đóng / paying unit's name")
    insured_from: str | None = Field(None, description="Từ tháng / from month, 2026-07")
    insured_to: str | None = Field(None, description="Đến tháng / to month")
    movement: str | None = Field(None, description="Biến động: TM, GH, TS, OF, KL / movement code")


class Special(_Group):
    """Group 5: special status."""

    priority_groups: list[str] | None = Field(None, description="Đối tượng ưu tiên, đặc thù / special status")


class Needs(_Group):
    """Group 3d: what the person asks for."""

    job_seeking: bool | None = Field(None, description="Nhu cầu tìm việc làm / looking for a job")


GROUP_MODELS: Final[Mapping[GroupName, type[BaseModel]]] = {
    "basic": Basic,
    "residence": Residence,
    "education": Education,
    "situation": Situation,
    "insurance": Insurance,
    "special": Special,
    "needs": Needs,
}

# The one place that says which fields identify a person. Every other field may be stored and published in clear.
IDENTIFYING: Final[Mapping[GroupName, frozenset[str]]] = {
    "basic": frozenset({"full_name", "birth_date", "personal_number", "cmnd"}),
    "insurance": frozenset({"social_insurance_number"}),
}
# Words as they are given. Every other field holds a code, a day or a yes: what has no such shape slipped in from
# another column of somebody's table, may be anybody's number or name, and is sealed with what identifies.
_WORDS: Final = frozenset(
    {
        *("general_grade", "training_field", "job_title", "workplace_name", "insured_employer_name"),
        *("employer_code", "insured_employer_code"),  # a tax code has as many digits as a personal number
    }
)
_CODE: Final = re.compile(r"[0-9A-Za-z./-]{0,8}|\d{4}-\d{2}-\d{2}", re.ASCII)
_OPEN: Final = object()
_COMMUNE: Final = re.compile(r"\d{5}", re.ASCII)
_ADDRESSES: Final[Mapping[GroupName, tuple[str, ...]]] = {
    "residence": ("permanent", "current", "temporary"),
    "situation": ("workplace_address", "employer_address"),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a group's present values come from, and how fresh they are.

    `as_of` is the statement's own civil date; the instants are UTC with `Z`. `confirmed_at` is in no event, view or
    hash.
    """

    source: PublishedSource
    as_of: str
    verified_at: str | None
    confirmed_at: str


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """One person's record at one version, identity in clear (only inside the house)."""

    worker_id: str
    version: int
    groups: Groups
    provenance: dict[GroupName, Provenance]

    @property
    def identity_verified(self) -> bool:
        """True when the population database has confirmed who this is."""
        basic = self.provenance.get("basic")
        return basic is not None and basic.verified_at is not None

    def value(self, group: GroupName, field: str) -> object:
        """The value of a field, or None when it was not asked or left empty."""
        return self.groups.get(group, {}).get(field)


def split_group(group: GroupName, values: Values) -> tuple[Values, Values]:
    """Split one group's values into (open, identifying); the second is empty when nothing identifies.

    Of an address the second part has the detail alone, or an object of all members that are sealed.
    """
    secret = {field: sealed for field, value in values.items() if (sealed := _sealed(group, field, value)) is not _OPEN}
    if not secret:
        return values, {}
    opened: Values = {}
    for field, value in values.items():
        if field not in secret:
            opened[field] = value
        elif field in _ADDRESSES.get(group, ()) and isinstance(value, dict):
            opened[field] = {name: one for name, one in value.items() if is_open_in_address(group, name, one)}
    return opened, cast(Values, secret)


def join_group(group: GroupName, opened: Values, identity: Values) -> Values:
    """The inverse of `split_group`."""
    if not identity:
        return opened
    joined: Values = {**opened}
    for field, secret in identity.items():
        address = opened.get(field)
        if field in _ADDRESSES.get(group, ()) and isinstance(address, dict):
            joined[field] = {**address, **(secret if isinstance(secret, dict) else {"detail": secret})}
        else:
            joined[field] = secret
    return joined


def is_open(group: GroupName, field: str, value: Json) -> bool:
    """May this value, which is no address, be told in clear?"""
    return field not in IDENTIFYING.get(group, ()) and (field in _WORDS or _is_code(value))


def is_open_in_address(group: GroupName, member: str, value: Json) -> bool:
    """May this member of an address be told in clear? The detail only of a place of work."""
    return group == "situation" if member == "detail" else _is_code(value)


def _is_code(value: Json) -> bool:
    if isinstance(value, str):
        return _CODE.fullmatch(value) is not None
    if isinstance(value, list):
        return all(_is_code(one) for one in value)
    return value is None or isinstance(value, bool)


def _sealed(group: GroupName, field: str, value: Json) -> object:
    """The part of the value that is sealed, or `_OPEN`."""
    if field not in _ADDRESSES.get(group, ()) or not isinstance(value, dict):
        return _OPEN if is_open(group, field, value) else value
    secret = {name: one for name, one in value.items() if not is_open_in_address(group, name, one)}
    if not secret:
        return _OPEN
    return secret["detail"] if secret.keys() == {"detail"} else secret


def split_identity(groups: Groups) -> tuple[Groups, Groups]:
    """Split groups into (open, identifying); `join_identity` puts them together again."""
    opened: Groups = {}
    identity: Groups = {}
    for group, values in groups.items():
        opened[group], secret = split_group(group, values)
        if secret:
            identity[group] = secret
    return opened, identity


def join_identity(opened: Groups, identity: Groups) -> Groups:
    """The inverse of `split_identity`."""
    return {group: join_group(group, values, identity.get(group, {})) for group, values in opened.items()}


def residence_commune(groups: Mapping[GroupName, Values]) -> str | None:
    """The commune that owns the record: where the person lives now, else permanent residence ("Who owns a person").

    NĐ 318's form asks for the registered temporary residence where TT 11's asks for the current one. What is no commune
    code owns nobody.
    """
    residence = groups.get("residence", {})
    for field in ("current", "temporary", "permanent"):
        address = residence.get(field)
        commune = address.get("commune") if isinstance(address, dict) else None
        if isinstance(commune, str) and _COMMUNE.fullmatch(commune):
            return commune
    return None


def group_names(groups: Container[str]) -> Iterator[GroupName]:
    """The group names present, in the decree's order."""
    return (name for name in GROUPS if name in groups)
