"""Writes the published schemas: `python -m contracts.publish`. They are committed; a test finds drift."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson
from pydantic import BaseModel, Field, TypeAdapter, create_model

from contracts.entry import Receipt
from contracts.events import WorkerEvent
from contracts.forms.schemas import SCHEMA_DIALECT, Document, schema
from contracts.forms.specification import FORMS
from contracts.worker import GROUP_MODELS, Provenance

FOLDER: Final = Path(__file__).parent / "published"


def documents() -> dict[str, Document]:
    """File name → JSON Schema: an entry per form, the worker record, the worker event, the receipt."""
    entries = {f"entry-{form}.schema.json": schema(form) for form in FORMS}
    return {
        **entries,
        "worker-record.schema.json": _of(_record()),
        "worker-event.schema.json": _of(WorkerEvent),
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


if __name__ == "__main__":
    write()
