"""Events: CloudEvents 1.0, structured JSON, on one topic; readers keep the highest `sequence` per worker."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from contracts.worker import GroupName, PublishedSource, PublishedSystem

EventType: TypeAlias = Literal["created", "changed", "merged", "split", "erased"]
EVENT_TYPES: Final[tuple[EventType, ...]] = ("created", "changed", "merged", "split", "erased")
TYPE_PREFIX: Final = "vn.laichau.lgsp.worker."
EVENT_SOURCE: Final = "urn:lgsp:laichau"
SCHEMA_VERSION: Final = "1"

TypeName: TypeAlias = Literal[
    "vn.laichau.lgsp.worker.created",
    "vn.laichau.lgsp.worker.changed",
    "vn.laichau.lgsp.worker.merged",
    "vn.laichau.lgsp.worker.split",
    "vn.laichau.lgsp.worker.erased",
]
Uuid: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Instant: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class _Model(BaseModel):
    # Readers ignore members that they do not know, so that new ones break nobody. All members are always written.
    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_serialization_defaults_required=True)


class GroupSource(_Model):
    """Which source a group's present values come from."""

    source: PublishedSource
    as_of: str = Field(description="Ngày của thông tin / civil date of the statement")
    verified: bool = Field(description="Đã xác thực / confirmed by the population database")


class SealedIdentity(_Model):
    """Identifying fields, AES-256-GCM under the person's own key; erasing the key erases them here too."""

    key_id: str
    box: str = Field(description="base64 of nonce, ciphertext and tag")


class ReportOrigin(_Model):
    """The target whose report caused the event, and the keyed hash of what it holds."""

    target: PublishedSystem
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
    id: Uuid = Field(description="Mã sự kiện / event id (UUIDv7)")
    source: str = EVENT_SOURCE
    type: TypeName = Field(description="Loại sự kiện / type of event")
    subject: Uuid = Field(description="Mã hồ sơ / worker id")
    time: Instant = Field(description="Thời điểm ghi nhận / when it was recorded, UTC")
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str = Field(description="Mã lược đồ / names this schema and its version")
    partitionkey: Uuid = Field(description="Bằng subject; khóa Kafka / equals subject, and is the key at Kafka")
    sequence: int = Field(ge=1, description="Phiên bản hồ sơ / record version; of copies the highest counts")
    recordedtime: Instant = Field(description="Bằng time / equals time")
    correlationid: str = Field(description="Chuỗi xử lý / what belongs together, from the door to the targets")
    causationid: str | None = Field(description="Phiếu gây ra / the entry that caused it")
    traceparent: str | None = Field(None, description="W3C Trace Context")
    data: WorkerChanged
