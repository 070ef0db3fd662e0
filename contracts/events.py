"""Events: CloudEvents 1.0, structured JSON, on one topic; readers keep the highest `sequence` per worker."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from contracts.worker import GroupName, Source, SystemName

EventType: TypeAlias = Literal["created", "changed", "merged", "split", "erased"]
EVENT_TYPES: Final[tuple[EventType, ...]] = ("created", "changed", "merged", "split", "erased")
TYPE_PREFIX: Final = "vn.laichau.lgsp.worker."
EVENT_SOURCE: Final = "urn:lgsp:laichau"
SCHEMA_VERSION: Final = "1"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupSource(_Model):
    """Which source a group's present values come from."""

    source: Source
    as_of: str = Field(description="Ngày của thông tin / civil date of the statement")
    verified: bool = Field(description="Đã xác thực / confirmed by the population database")


class SealedIdentity(_Model):
    """Identifying fields, AES-256-GCM under the person's own key; erasing the key erases them here too."""

    key_id: str
    box: str = Field(description="base64 of nonce, ciphertext and tag")


class ReportOrigin(_Model):
    """The target whose report caused the event, and the keyed hash of what it holds."""

    target: SystemName
    held_hash: str


class WorkerChanged(_Model):
    """The full state after the change."""

    groups: dict[str, dict[str, object]] = Field(description="Các nhóm thông tin / groups, identity left out")
    sources: dict[str, GroupSource]
    changed: tuple[GroupName, ...] = Field(description="Nhóm đã thay đổi / groups that changed with this version")
    quality: dict[str, int | None] = Field(description="Điểm Đúng, Đủ, Sạch / scores by family; null = not applicable")
    identity: SealedIdentity
    commune: str | None = Field(description="Xã quản lý / owner commune")
    origin: ReportOrigin | None = None
    survivor: str | None = Field(None, description="For `merged`: the worker that remains")


class WorkerEvent(_Model):
    """The envelope (CloudEvents 1.0 with our extensions)."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str = EVENT_SOURCE
    type: str
    subject: str = Field(description="worker_id")
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    partitionkey: str
    sequence: int = Field(description="Phiên bản hồ sơ / record version")
    recordedtime: str
    correlationid: str
    causationid: str | None = Field(description="Phiếu gây ra / the entry that caused it")
    traceparent: str | None = None
    data: WorkerChanged
