"""The other systems' own specifications, as judges of what we write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from lxml import etree

EXTERNAL = Path(__file__).parents[3] / "contracts" / "external"


@cache
def json_judge(system: str, name: str) -> Any:
    document = yaml.safe_load((EXTERNAL / system / "v1" / "openapi.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return jsonschema.Draft202012Validator(schema)


@cache
def xml_judge(file: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(EXTERNAL / "population" / "v1" / file)))
