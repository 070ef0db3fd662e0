"""Whether a change of a published schema breaks somebody: old and new JSON Schemas in, sentences out.

A document that we write (`written`) breaks its readers when something may now be there that the old schema excluded, or
when a member is gone. A document that others write (`accepted`) breaks its senders when something is now excluded that
the old schema allowed. Both are one question: can what fits `inner` fall outside of `outer`?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
Direction: TypeAlias = Literal["written", "accepted"]

_UPPER: Final = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
_LOWER: Final = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
_PROMISES: Final = ("pattern", "format")
_ANYTHING: Final = "anything"


@dataclass(frozen=True, slots=True)
class Break:
    """Where (a JSON pointer into the documents, `*` for any member or item) and what a reader or sender meets."""

    path: str
    what: str


def breaks(old: Schema, new: Schema, direction: Direction) -> list[Break]:
    """Every breaking change from `old` to `new`, in the order of the old schema."""
    if direction == "accepted":
        return list(_Escapes(old, new, closed=True).between(old, new, ""))
    return [*_Escapes(new, old, closed=False).between(new, old, ""), *_Gone(old, new).between(old, new, "")]


class _Pair:
    """Two schemas that are walked together; references lead into each one's own definitions."""

    def __init__(self, left: Schema, right: Schema) -> None:
        self._left = left
        self._right = right

    def _kinds(self, schema: Schema, *, left: bool) -> dict[str, Schema]:
        """The alternatives of a schema by the JSON type of each."""
        root = self._left if left else self._right
        return {kind: one for alternative in _alternatives(schema, root) for kind, one in _typed(alternative)}


class _Escapes(_Pair):
    """Ways in which a document of the left schema is none of the right one.

    `closed`: members that the right schema does not know count, where it says so. A door refuses them; readers have to
    ignore them.
    """

    def __init__(self, left: Schema, right: Schema, *, closed: bool) -> None:
        super().__init__(left, right)
        self._closed = closed

    def between(self, inner: Schema, outer: Schema, path: str) -> Iterator[Break]:
        inside, outside = self._kinds(inner, left=True), self._kinds(outer, left=False)
        for kind, schema in inside.items():
            match = (
                outside.get(kind) or outside.get(_ANYTHING) or (outside.get("number") if kind == "integer" else None)
            )
            if match is None:
                yield Break(path or "/", f"{kind} is on one side only; the other has {', '.join(sorted(outside))}")
            else:
                yield from self._same_kind(kind, schema, match, path)

    def _same_kind(self, kind: str, inner: Schema, outer: Schema, path: str) -> Iterator[Break]:
        yield from _values(inner, outer, path)
        yield from _limits(inner, outer, path)
        if kind == "array" and "items" in outer:
            yield from self.between(inner.get("items", {}), outer["items"], f"{path}/*")
        if kind == "object":
            yield from self._members(inner, outer, path)

    def _members(self, inner: Schema, outer: Schema, path: str) -> Iterator[Break]:
        inside, outside = inner.get("properties", {}), outer.get("properties", {})
        for name in outer.get("required", ()):
            if name not in inner.get("required", ()):
                yield Break(f"{path}/{name}", "is demanded on one side only")
        for name, schema in inside.items():
            if name in outside:
                yield from self.between(schema, outside[name], f"{path}/{name}")
        rest_inside, rest_outside = inner.get("additionalProperties"), outer.get("additionalProperties")
        if isinstance(rest_inside, Mapping) and isinstance(rest_outside, Mapping):
            yield from self.between(rest_inside, rest_outside, f"{path}/*")
        if self._closed and rest_outside is False:
            yield from (Break(f"{path}/{name}", "is no longer taken") for name in inside if name not in outside)
            if rest_inside is not False:
                yield Break(path or "/", "no longer takes members that it does not name")


class _Gone(_Pair):
    """What readers of the left schema wait for in vain under the right one."""

    def between(self, old: Schema, new: Schema, path: str) -> Iterator[Break]:
        before, after = self._kinds(old, left=True), self._kinds(new, left=False)
        for kind, schema in before.items():
            if kind in after:
                yield from self._same_kind(schema, after[kind], path)

    def _same_kind(self, old: Schema, new: Schema, path: str) -> Iterator[Break]:
        had, has = _constants(old), _constants(new)
        if had is not None and has is not None:
            yield from (Break(path or "/", f"never says {value!r} any more") for value in had if value not in has)
        for name, schema in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield Break(f"{path}/{name}", "is gone")
            else:
                yield from self.between(schema, new["properties"][name], f"{path}/{name}")
        if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
            yield from self.between(old["items"], new["items"], f"{path}/*")


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    while "$ref" in schema:
        *_, name = str(schema["$ref"]).split("/")
        schema = root["$defs"][name]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices is None:
        yield schema
        return
    for choice in choices:
        yield from _alternatives(choice, root)


def _typed(schema: Schema) -> Iterator[tuple[str, Schema]]:
    kinds = schema.get("type")
    if kinds is None:
        constants = _constants(schema)
        kinds = _ANYTHING if constants is None else sorted({_kind_of(value) for value in constants})
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        yield kind, schema


def _kind_of(value: object) -> str:
    for kind, types in (("boolean", bool), ("integer", int), ("number", float), ("string", str)):
        if isinstance(value, types):
            return kind
    return "null" if value is None else "object"


def _constants(schema: Schema) -> list[Any] | None:
    """The only values allowed, or None when there is no such list."""
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return None if found is None else list(found)


def _values(inner: Schema, outer: Schema, path: str) -> Iterator[Break]:
    allowed, possible = _constants(outer), _constants(inner)
    if allowed is None:
        return
    if possible is None:
        yield Break(path or "/", f"is restricted on one side only, to {', '.join(map(repr, allowed))}")
        return
    yield from (
        Break(path or "/", f"{value!r} is known on one side only") for value in possible if value not in allowed
    )


def _limits(inner: Schema, outer: Schema, path: str) -> Iterator[Break]:
    for name in (*_UPPER, *_LOWER):
        if name not in outer:
            continue
        wider = name not in inner or (inner[name] > outer[name] if name in _UPPER else inner[name] < outer[name])
        if wider:
            yield Break(path or "/", f"{name} differs: {inner.get(name, 'none')} and {outer[name]}")
    for name in _PROMISES:
        if name in outer and inner.get(name) != outer[name]:
            yield Break(path or "/", f"{name} differs: {inner.get(name, 'none')} and {outer[name]}")
