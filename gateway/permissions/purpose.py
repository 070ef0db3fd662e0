"""Why somebody reads a person's data: a code of `access_purposes`, and what it refers to. Without both nobody reads.

Source: Law 91/2025/QH15 on personal data protection (purpose limitation).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from contracts.codelists import load
from gateway.errors import ContractViolated
from gateway.permissions.caller import Caller

PURPOSES: Final = load("access_purposes")
REFERENCE_LENGTH_MAX: Final = 64
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./:_-]{0,63}")
# Nine digits and more in a row may be an identity or insurance number, which a reference would carry into the trail.
_NUMBER: Final = re.compile(r"[0-9]{9}")


def is_reference(text: str) -> bool:
    """Whether this can be a file, campaign or ticket: plain ASCII that carries no person's number."""
    return bool(_REFERENCE.fullmatch(text)) and not _NUMBER.search(text)


@dataclass(frozen=True, slots=True)
class Purpose:
    """`code`: of the code list `access_purposes`; `reference`: the file, campaign or ticket, in ASCII."""

    code: str
    reference: str

    @classmethod
    def parse(cls, code: str | None, reference: str | None) -> Self:
        """Raises ContractViolated(purpose-missing | purpose-unknown | purpose-reference-invalid)."""
        if not code or not reference:
            raise ContractViolated("purpose-missing", ("LGSP-Purpose" if not code else "LGSP-Purpose-Reference",))
        if code not in PURPOSES:
            raise ContractViolated("purpose-unknown", ("LGSP-Purpose", "|".join(PURPOSES)))
        if not is_reference(reference):
            raise ContractViolated("purpose-reference-invalid", ("LGSP-Purpose-Reference",))
        return cls(code, reference)


@dataclass(frozen=True, slots=True)
class Access:
    """Who reads, and why: what every answer about a person is asked with, and what its audit row tells."""

    caller: Caller
    purpose: Purpose
