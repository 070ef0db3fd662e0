"""Who may do what on Kafka, from `acls.csv`: one certificate per role, and no role more than its work needs.

`api` and `capture` stand in no row: what they write goes to the store, and the relay publishes it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final

from contracts.topics import TOPICS, Topic

ROLES: Final = ("api", "relay", "propagate", "capture", "watch", "topics")
"""The roles of processes, and `topics` for who runs `lgsp topics apply`."""
PRINCIPAL_FORM: Final = "User:CN=lgsp-{role}"
"""As Kafka names the holder of a certificate whose subject is a common name alone."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One entry of Kafka's access control list, in Kafka's own words."""

    principal: str
    operation: str
    resource: str
    name: str
    pattern: str = "literal"
    permission: str = "Allow"
    host: str = "*"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    role: str
    operation: str
    resource: str
    name: str
    pattern: str
    why_vi: str
    why_en: str


def rows() -> tuple[Row, ...]:
    """The table."""
    text = resources.files(__package__).joinpath("acls.csv").read_text("utf-8")
    return tuple(Row(**row) for row in csv.DictReader(text.splitlines()))


def principal_of(role: str, form: str = PRINCIPAL_FORM) -> str:
    """How Kafka names a role's certificate. A form without `{role}` gives all of them to one, as `serve all` needs."""
    return form.replace("{role}", role)


def principals(form: str = PRINCIPAL_FORM) -> frozenset[str]:
    """All of ours, also those that have no rights."""
    return frozenset(principal_of(role, form) for role in ROLES)


def wanted(prefix: str, form: str = PRINCIPAL_FORM, topics: Iterable[Topic] = TOPICS) -> list[Right]:
    """The rights of every role, in order, each once. `prefix` stands before the groups' names."""
    names = [topic.name for topic in topics]
    found = {
        Right(principal_of(row.role, form), row.operation, row.resource, name, row.pattern)
        for row in rows()
        for name in (names if row.name == "{topic}" else [row.name.replace("{prefix}", prefix)])
    }
    return sorted(found)
