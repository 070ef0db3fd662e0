"""Canonical JSON (RFC 8785) and the JSON-shaped types that the whole house shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import orjson

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

INTEGER_MAX: Final = 2**53 - 1


def canonical_bytes(value: Mapping[str, object]) -> bytes:
    """Return the RFC 8785 form of an object whose keys are ASCII and whose numbers are integers.

    Within those bounds orjson with sorted keys writes exactly what the RFC asks for (a property test holds it
    against the `rfc8785` library). Raises ValueError for floats, whose text form is where writers disagree, for
    integers beyond 2^53, and for whatever else is no JSON.
    """
    _check(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _check(value: object) -> None:
    """Walks the containers only as deep as they go; texts, the bulk of a state, cost one comparison."""
    if isinstance(value, str) or value is None:
        return
    if isinstance(value, dict):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise ValueError("only ASCII keys have one order everywhere")
        for member in value.values():
            _check(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _check(member)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        raise ValueError("only integers up to 2^53 have one text form everywhere")
