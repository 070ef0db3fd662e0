"""A caller: a program of another agency, a person with a role, or the installation itself."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.communes import PROVINCE_CODE


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from which agency, for which unit.

    `agency`: electronic agency code (QĐ 20/2020), `H35.1`. `unit`: the province's code, or a commune's of today; it is
    the authority that the role has: a commune's callers see the people of that commune and nobody else.
    """

    name: str
    agency: str
    unit: str
    role: str
    tier: str = "operator"

    def sees(self, commune: str | None) -> bool:
        """Whether whoever belongs to this commune is within the caller's unit; the province sees everybody."""
        return self.unit in (PROVINCE_CODE, commune)

    @property
    def commune(self) -> str | None:
        """The one commune that the caller sees, or None for all."""
        return None if self.unit == PROVINCE_CODE else self.unit
