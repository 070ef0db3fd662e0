"""The entry: one submitted form, immutable, and the receipt that answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contracts.adapter_port import PersonKey
from contracts.canonical import JsonObject
from contracts.dates import is_iso_date
from contracts.worker import Groups, Source, SystemName

FormName: TypeAlias = Literal["tt11_mau03", "nd318"]
SlipKind: TypeAlias = Literal["collect", "add", "change"]
UpdateSource: TypeAlias = Literal["procedure", "proposal", "other_database"]
EntryState: TypeAlias = Literal["accepted", "unchanged", "quarantined", "refused"]
Severity: TypeAlias = Literal["refuse", "warn", "note"]

KEY_LENGTH_MAX = 128
ENTRIES_PER_REQUEST_MAX = 1_000

_Text = Annotated[str, StringConstraints(max_length=200)]
# [0-9], not \d: Pydantic's \d takes the digits of every script.
_CIVIL_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _calendar_day(text: str) -> str:
    if not is_iso_date(text):
        raise PydanticCustomError("string_pattern_mismatch", "not a day of the calendar")
    return text


_CivilDate = Annotated[str, StringConstraints(pattern=_CIVIL_DATE), AfterValidator(_calendar_day)]


class Entry(BaseModel):
    """What a sender submits. `fields` carries the form's own (Vietnamese) field names; the form module checks them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    form: FormName = Field(description="Mẫu phiếu / form version")
    declared_on: _CivilDate = Field(description="Ngày khai / the civil date on which the statement was made")
    collected_on: _CivilDate | None = Field(None, description="Ngày thu thập / date of collection")
    commune: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = Field(
        None, description="Mã xã lập phiếu / commune that made the form"
    )
    village: _Text | None = Field(None, description="Bản, tổ dân phố / village")
    investigator: _Text | None = Field(None, description="Điều tra viên / investigator")
    campaign: _Text | None = Field(None, description="Đợt thu thập / campaign")
    slip_kind: SlipKind = Field("collect", description="Loại phiếu / kind of slip")
    update_source: UpdateSource = Field("procedure", description="Nguồn cập nhật (NĐ 318 Đ20) / source of the update")
    replaces: Annotated[str, StringConstraints(pattern=_UUID)] | None = Field(
        None, description="Thay cho phiếu / entry that this one replaces"
    )
    key: Annotated[str, StringConstraints(min_length=1, max_length=KEY_LENGTH_MAX)] | None = Field(
        None, description="Khóa của bên gửi / sender's idempotency key"
    )
    fields: dict[str, Any] = Field(description="Nội dung phiếu / the form's fields")


@dataclass(frozen=True, slots=True)
class Report:
    """What a target is known to hold, when an entry comes from that target's change feed.

    `held` has the shape of that target's own view, so that its hash can be compared with what we sent.
    """

    target: SystemName
    change_id: str
    held: JsonObject


@dataclass(frozen=True, slots=True)
class Statement:
    """An entry from another database (capture, verification): groups instead of a form's fields.

    `person` is the key by which that database knows whom it speaks of, so that `groups` need not speak of basic only to
    name somebody; None: the groups tell. Without groups there is only a report, by which nobody comes to be known.
    `verified` is set only when the population database itself confirmed the identity.
    """

    source: Source
    as_of: str
    groups: Groups
    person: PersonKey | None = None
    verified: bool = False
    report: Report | None = None
    key: str | None = None
    correlation_id: str | None = None
    """Of the call that led to it; not a part of what is said."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of an entry; message and remedy in one language are added by the door."""

    rule: str
    severity: Severity
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """Arguments of the message: codes, ages, limits; never a number, a name or another identifying value."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the signed receipt of an entry is: a batch (UUID), and the leaf in it, from 0."""

    batch: str
    leaf: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one entry. An entry is stored exactly when `state` is not `refused`."""

    id: str | None
    state: EntryState
    worker_id: str | None = None
    version: int | None = None
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    """Problem code (contracts.problems) when refused."""
    fields: tuple[str, ...] = ()
    key: str | None = field(default=None, compare=False)
    proof: Proof | None = field(default=None, compare=False)
