"""Validators compiled from `contracts/external`. What they say names places, never values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias, cast

import fastjsonschema
import orjson
import yaml
from lxml import etree

Validate: TypeAlias = Callable[[object], str | None]
"""None when the value is as specified, else where and which rule."""


def _folder(system: str, version: str) -> Path:
    return Path(str(resources.files("contracts"))) / "external" / system / version


def _validator(definition: dict[str, Any]) -> Validate:
    compiled = fastjsonschema.compile(definition, detailed_exceptions=False)

    def validate(value: object) -> str | None:
        try:
            compiled(value)
        except fastjsonschema.JsonSchemaValueException as error:
            return str(error.message).split(" must ")[0]
        return None

    return validate


@cache
def _openapi(system: str, version: str) -> dict[str, Any]:
    text = (_folder(system, version) / "openapi.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


@cache
def shape(system: str, name: str, version: str = "v1") -> Validate:
    """A schema of the system's OpenAPI components by name."""
    document = _openapi(system, version)
    if name not in document["components"]["schemas"]:
        raise KeyError(name)
    return _validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


@cache
def json_schema(system: str, file: str, version: str = "v1") -> Validate:
    """A JSON Schema file of the system."""
    return _validator(orjson.loads((_folder(system, version) / file).read_bytes()))


@cache
def xml_schema(system: str, file: str, version: str = "v1") -> etree.XMLSchema:
    """An XSD of the system with all that it includes."""
    return etree.XMLSchema(etree.parse(str(_folder(system, version) / file)))


@cache
def sequence(system: str, file: str, type_name: str, version: str = "v1") -> tuple[str, ...]:
    """The element names of a complex type, in their order."""
    tree = etree.parse(str(_folder(system, version) / file))
    path = f"//xs:complexType[@name='{type_name}']/xs:sequence/xs:element/@name"
    found = tree.xpath(path, namespaces={"xs": "http://www.w3.org/2001/XMLSchema"})
    return tuple(str(name) for name in cast("list[str]", found))
