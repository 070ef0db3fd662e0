"""From a JSON value to submissions: each entry stands for itself, so that one malformed entry refuses only itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from contracts.entry import ENTRIES_PER_REQUEST_MAX, KEY_LENGTH_MAX, Entry, Receipt
from gateway.errors import ContractViolated
from gateway.intake import Submission

_RULE_OF_TYPE: Final = {
    "extra_forbidden": "unknown-field",
    "missing": "shape-invalid",
    "string_too_long": "too-long",
    "string_pattern_mismatch": "shape-invalid",
    "literal_error": "shape-invalid",
}
_TEXTS: Final = ("key", "village", "investigator", "campaign")


@dataclass(frozen=True, slots=True)
class Read:
    """Submissions in order, with a refusal in the place of each entry that is no entry."""

    single: bool
    entries: Sequence[Submission | Receipt]


def read_entries(value: Any, sender: str, header_key: str | None, traceparent: str | None) -> Read:
    """Read one entry or `{"entries": […]}`. Raises ContractViolated when the body is neither."""
    if not isinstance(value, dict):
        raise ContractViolated("wrong-type", ("$",))
    if "entries" not in value:
        return Read(True, [_read(value, sender, header_key, traceparent)])
    rows = value["entries"]
    if len(value) > 1:
        raise ContractViolated("unknown-field", tuple(sorted(set(value) - {"entries"})[:5]))
    if not isinstance(rows, list) or not rows:
        raise ContractViolated("shape-invalid", ("entries",))
    if len(rows) > ENTRIES_PER_REQUEST_MAX:
        raise ContractViolated("too-many-entries", ("entries", str(ENTRIES_PER_REQUEST_MAX)))
    if header_key is not None:
        raise ContractViolated("shape-invalid", ("Idempotency-Key", "entries[].key"))
    return Read(False, [_read(row, sender, None, traceparent) for row in rows])


def _read(row: Any, sender: str, header_key: str | None, traceparent: str | None) -> Submission | Receipt:
    given = row.get("key") if isinstance(row, dict) else None
    key = given if isinstance(given, str) and len(given) <= KEY_LENGTH_MAX else None
    if header_key is not None:
        if given is not None and given != header_key:
            return _refused("shape-invalid", ("key", "Idempotency-Key"), key)
        if isinstance(row, dict):
            row = {**row, "key": header_key}
    try:
        entry = Entry.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        code = _RULE_OF_TYPE.get(first["type"], "wrong-type")
        return _refused(
            code, tuple(".".join(map(str, one["loc"])) for one in error.errors(include_input=False)[:8]), key
        )
    # Of the text around the fields; the form's own check looks inside them.
    if nul := tuple(name for name in _TEXTS if "\x00" in (getattr(entry, name) or "")):
        return _refused("nul-character", nul, key)
    return Submission(entry, sender, traceparent=traceparent)


def _refused(code: str, fields: tuple[str, ...], key: str | None) -> Receipt:
    return Receipt(id=None, state="refused", problem=code, fields=fields, key=key)
