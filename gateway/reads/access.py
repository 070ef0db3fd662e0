"""From a caller with a purpose to what the trail tells of a reading."""

from __future__ import annotations

from gateway.audit.reading import Reading
from gateway.permissions import Access, Caller, Purpose


def reading_for(access: Access) -> Reading:
    """Of somebody's data, which nobody reads without a purpose."""
    return reading_by(access.caller, access.purpose)


def reading_by(caller: Caller, purpose: Purpose | None) -> Reading:
    """Of a list, where a purpose may be told."""
    told = (None, None) if purpose is None else (purpose.code, purpose.reference)
    return Reading(caller.name, caller.unit, caller.role, *told)
