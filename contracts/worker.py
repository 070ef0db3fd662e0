"""The worker record: what we hold true of one person, in the seven groups of NĐ 318/2025 Điều 4.

A record is JSON-shaped: group name → field name → value. The models below state each group's shape once; they are what
schemas are generated from. A key that is absent was *not asked*; a key with `None` was asked and left empty.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from contracts.canonical import JsonObject

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
_COMMUNE: Final = re.compile(r"\d{5}", re.ASCII)
_RESIDENCES: Final = ("permanent", "current", "temporary")


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
    """Split one group's values into (open, identifying); the second is empty when nothing identifies."""
    if group == "residence":
        return _split_details(values)
    secret = IDENTIFYING.get(group)
    if secret is None:
        return values, {}
    opened = {field: value for field, value in values.items() if field not in secret}
    return opened, {field: value for field, value in values.items() if field in secret}


def join_group(group: GroupName, opened: Values, identity: Values) -> Values:
    """The inverse of `split_group`."""
    if not identity:
        return opened
    return _join_details(opened, identity) if group == "residence" else {**opened, **identity}


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


def _split_details(residence: Values) -> tuple[Values, Values]:
    opened: Values = {}
    details: Values = {}
    for field, address in residence.items():
        if field in _RESIDENCES and isinstance(address, dict) and "detail" in address:
            opened[field] = {key: value for key, value in address.items() if key != "detail"}
            details[field] = address["detail"]
        else:
            opened[field] = address
    return opened, details


def _join_details(residence: Values, details: Values) -> Values:
    joined: Values = {}
    for field, address in residence.items():
        if field in details and isinstance(address, dict):
            joined[field] = {**address, "detail": details[field]}
        else:
            joined[field] = address
    return joined


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
