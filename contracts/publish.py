"""Writes the published schemas and the AsyncAPI document: `python -m contracts.publish`. A test finds drift.

`python -m contracts.publish --release` also makes them the ones that later changes must be compatible with.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import orjson
from pydantic import BaseModel, Field, TypeAdapter, create_model

from contracts import asyncapi
from contracts.entry import Receipt
from contracts.events import WorkerChanged, WorkerEvent
from contracts.forms.schemas import SCHEMA_DIALECT, Document, schema
from contracts.forms.specification import FORMS
from contracts.open_record import open_groups
from contracts.released import PUBLISHED, RELEASED, complaints, released
from contracts.worker import GROUP_MODELS, Provenance

FOLDER: Final = PUBLISHED


def documents() -> dict[str, Document]:
    """File name → document: the schemas, and the stream as AsyncAPI."""
    return {**schemas(), "asyncapi.json": asyncapi.document({"worker-event.schema.json": _event()})}


def schemas() -> dict[str, Document]:
    """File name → JSON Schema: an entry per form, the worker record, the worker event, the receipt."""
    entries = {f"entry-{form}.schema.json": schema(form) for form in FORMS}
    return {
        **entries,
        "worker-record.schema.json": _of(_record()),
        "worker-event.schema.json": _of(_event()),
        "receipt.schema.json": _of(Receipt),
    }


def render(document: Document) -> bytes:
    """The bytes of a published file: members as declared, two spaces, a newline at the end."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write(folder: Path = FOLDER) -> None:
    """Write every document, replacing what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (folder / name).write_bytes(render(document))


def _of(kind: type) -> Document:
    return {"$schema": SCHEMA_DIALECT, **TypeAdapter(kind).json_schema(mode="serialization")}


def _event() -> type[BaseModel]:
    """The envelope with the groups in full."""
    data = create_model(
        "WorkerChanged", __base__=WorkerChanged, __doc__=WorkerChanged.__doc__, groups=(open_groups(), ...)
    )
    return create_model("WorkerEvent", __base__=WorkerEvent, __doc__=WorkerEvent.__doc__, data=(data, ...))


def _record() -> type[BaseModel]:
    per_group = {name: (model | None, None) for name, model in GROUP_MODELS.items()}
    sources = dict.fromkeys(GROUP_MODELS, (Provenance | None, None))
    return create_model(
        "WorkerRecord",
        __doc__="One person's record at one version. An absent key was not asked; null was asked and left empty.",
        worker_id=(str, Field(description="Mã hồ sơ / worker id")),
        version=(int, Field(ge=1, description="Phiên bản / version")),
        groups=(create_model("Groups", **per_group), ...),  # type: ignore[call-overload]  # pydantic types the schema generator by model kind
        provenance=(create_model("Sources", **sources), ...),  # type: ignore[call-overload]  # pydantic types the schema generator by model kind
    )


def release() -> None:
    """Make what is published now the measure of later changes. Raises ValueError if it would break a reader."""
    if found := complaints(released(), documents()):
        raise ValueError("\n".join(found))
    write(RELEASED)


if __name__ == "__main__":
    write()
    if "--release" in sys.argv[1:]:
        release()
