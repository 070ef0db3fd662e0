"""Free text as every system takes it: one Unicode form, no control characters, at most so long."""

from __future__ import annotations

import re
from typing import Final

from contracts.canonical import Json
from contracts.names import normalize

LENGTH_MAX: Final = 255
# Control characters, halves of surrogate pairs and U+FFFE/U+FFFF stand in no XML 1.0 document, however escaped.
_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(value: Json) -> str | None:
    """The text, or None when it is no text or nothing is left of it. Cleaning what is clean changes nothing."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        value = _UNWRITABLE.sub(" ", value)
    said = normalize(value)
    if len(said) > LENGTH_MAX:
        said = said[:LENGTH_MAX].rstrip()
    return said or None
