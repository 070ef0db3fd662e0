"""The tables role x permission and role x group, loaded once and checked, and the questions asked of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, TypeVar

from contracts.problems import Language
from contracts.worker import GROUPS, GroupName
from gateway.errors import NotFound, NotPermitted
from gateway.permissions.caller import Caller

NO_PERMISSION: Final = "permission-missing"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RoleText:
    """What a role is. `kind`: who may have it (person, client, installation); `unit`: commune, province or any."""

    kind: str
    unit: str
    tier: str
    meaning_vi: str
    meaning_en: str

    def meaning(self, language: Language) -> str:
        """For people."""
        return self.meaning_vi if language == "vi" else self.meaning_en


@dataclass(frozen=True, slots=True)
class Tier:
    """How much a caller may ask: so many requests a second, so many at once; 0: no limit."""

    requests_per_s: int
    burst: int


def _rows(name: str) -> list[dict[str, str]]:
    text = files("gateway.permissions").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _read_roles() -> dict[str, RoleText]:
    return {row.pop("role"): RoleText(**row) for row in _rows("roles.csv")}


def _matrix(name: str, key: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in _rows(name):
        wrong = {row[role] for role in ROLES} - {"", "x"}
        assert not wrong, f"{name}: {row[key]} says {wrong}"
        found[row[key]] = frozenset(role for role in ROLES if row[role] == "x")
    return found


ROLES: Final[Mapping[str, RoleText]] = _read_roles()
PERMISSIONS: Final[Mapping[str, frozenset[str]]] = _matrix("permissions.csv", "permission")
"""By permission: the roles that have it."""
_FIELDS: Final[Mapping[str, frozenset[str]]] = _matrix("fields.csv", "group")
assert set(_FIELDS) == set(GROUPS), "fields.csv says of every group who sees it"


TIERS: Final[Mapping[str, Tier]] = {
    row["tier"]: Tier(int(row["requests_per_s"]), int(row["burst"])) for row in _rows("tiers.csv")
}
assert {text.tier for text in ROLES.values()} <= set(TIERS), "each role has a tier of tiers.csv"


def may(caller: Caller, permission: str) -> bool:
    """Whether the caller's role has the permission."""
    return caller.role in PERMISSIONS[permission]


def require(caller: Caller, permission: str) -> None:
    """Raises NotPermitted(permission-missing) unless the caller's role has the permission."""
    if not may(caller, permission):
        raise NotPermitted(NO_PERMISSION, (permission,))


def require_sight(caller: Caller, commune: str | None, missing: str) -> None:
    """Raises NotFound(missing) for what belongs to another unit: it reads like what does not exist."""
    if not caller.sees(commune):
        raise NotFound(missing)


def shown(caller: Caller, groups: Mapping[GroupName, _Value]) -> dict[GroupName, _Value]:
    """Of a record's groups, those that the caller's role may see."""
    return {group: value for group, value in groups.items() if caller.role in _FIELDS[group]}


def permissions_of(role: str) -> list[str]:
    """What a role may do, in the table's order."""
    return [permission for permission, roles in PERMISSIONS.items() if role in roles]
