"""Who looks at people, for whom and for what; and whom a row of the trail says that somebody saw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from gateway.audit.catalogue import catalogue

PURPOSE_FIELDS: Final = ("unit", "role", "purpose", "reference")
"""Members of `detail` in every row that tells of people being shown (OWASP ASVS 5.0, 16.3.2)."""
READS: Final = frozenset(action for action, event in catalogue().items() if event.fields.issuperset(PURPOSE_FIELDS))
_WORKER_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Reading:
    """One request that shows people. `purpose`: a code; `reference`: the file or case that it is for, no free text."""

    name: str
    unit: str = "local"
    role: str = "local"
    purpose: str | None = None
    reference: str | None = None

    def told(self, **more: object) -> dict[str, object]:
        """The members of `detail`; the name is the row's actor."""
        told = asdict(self)
        del told["name"]
        return {**told, **more}


def detail_of(text: str) -> Mapping[str, Any]:
    """A row's `detail`, as it was told."""
    found = orjson.loads(text)
    return found if isinstance(found, dict) else {}


def subjects_of(action: str, subject: str, detail: str) -> list[str]:
    """The worker ids, sorted, of whom a row says that they were shown; none for a row that tells of no reading."""
    if action not in READS:
        return []
    named = [*(detail_of(detail).get("worker_ids") or ())]
    if action.startswith("worker:"):
        named.append(subject)
    return sorted({one for one in named if isinstance(one, str) and _WORKER_ID.fullmatch(one)})
