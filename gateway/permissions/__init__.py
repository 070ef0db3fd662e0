"""Who may do what: roles, permissions and units. Pure; `require` is the first line of whatever a caller may ask."""

from gateway.permissions.caller import Caller
from gateway.permissions.purpose import PURPOSES, Access, Purpose
from gateway.permissions.table import NO_PERMISSION, PERMISSIONS, ROLES, TIERS, may, require, require_sight, shown

__all__ = [
    "NO_PERMISSION",
    "PERMISSIONS",
    "PURPOSES",
    "ROLES",
    "TIERS",
    "Access",
    "Caller",
    "Purpose",
    "may",
    "require",
    "require_sight",
    "shown",
]
