"""Canonical JSON (RFC 8785) and the JSON-shaped types that the whole house shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import orjson

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"
JsonObject: TypeAlias = dict[str, Json]


def canonical_bytes(value: Mapping[str, object]) -> bytes:
    """Return the RFC 8785 form of an object whose keys are ASCII and whose numbers are integers.

    Within those bounds orjson with sorted keys writes exactly what the RFC asks for (a property test holds it
    against the `rfc8785` library); floats are refused because their text form is where writers disagree.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
