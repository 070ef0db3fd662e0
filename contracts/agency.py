"""Electronic agency codes in both spellings: "000.00.00.H35" (QCVN 102:2016) and "H35", "H35.1.2" (QĐ 20/2020)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

LEVELS_MAX: Final = 4
_LEVEL: Final = r"\d{1,3}"
_LONG: Final = re.compile(r"(\d{3})\.(\d{2,3})\.(\d{2,3})\.([A-Z]\d{2})", re.ASCII)
_SHORT: Final = re.compile(rf"[A-Z]\d{{2}}(?:\.{_LEVEL}){{0,{LEVELS_MAX - 1}}}", re.ASCII)
# Digits of levels 2, 3 and 4 in the long spelling.
_WIDTHS: Final = (2, 2, 3)


class AgencyCodeInvalid(ValueError):
    """The text is neither spelling. An agency code is public, so it is named."""


@dataclass(frozen=True, slots=True, order=True)
class AgencyCode:
    """`levels` from the top: ("H35", "1", "2"), without leading zeros. Equal whichever way it was spelt."""

    levels: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Either spelling, in any case; raises AgencyCodeInvalid."""
        code = text.strip().upper()
        if found := _LONG.fullmatch(code):
            fourth, third, second, first = found.groups()
            return cls(_trimmed((first, second, third, fourth)))
        if _SHORT.fullmatch(code):
            return cls(_trimmed(tuple(code.split("."))))
        raise AgencyCodeInvalid(f"not an agency code: {text[:40]!r}")

    @property
    def short(self) -> str:
        """As QĐ 20/2020 spells it: "H35.1.2"."""
        return ".".join(self.levels)

    @property
    def long(self) -> str:
        """As QCVN 102:2016 spells it, lowest level first: "000.02.01.H35"."""
        below = [*self.levels[1:], "0", "0", "0"][: LEVELS_MAX - 1]
        padded = [level.zfill(width) for level, width in zip(below, _WIDTHS, strict=True)]
        return ".".join([*reversed(padded), self.levels[0]])

    def __str__(self) -> str:
        return self.short


def _trimmed(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Without leading zeros, and without the zero levels at the end that only fill the long spelling."""
    below = [str(int(level)) for level in levels[1:]]
    while below and below[-1] == "0":
        below.pop()
    return (levels[0], *below)
