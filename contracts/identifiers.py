"""Numbers that identify a person, as types. No error and no `repr` of this module ever shows a number.

Sources: Luật Căn cước 26/2023 Điều 12 and TT 07/2016/TT-BCA (12 digits, no check digit); QĐ 595/QĐ-BHXH (10 digits).
"""

from __future__ import annotations

import re
from typing import ClassVar, Final, Literal, Self, TypeAlias

from contracts.codelists import load

InvalidCode: TypeAlias = Literal["not-text", "empty", "scientific", "not-digits", "wrong-length", "serial-zero"]
ValueKind: TypeAlias = Literal["personal_number", "cmnd", "social_insurance_number"]

_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}", re.ASCII)
_KEPT_FIRST: Final = 3
_KEPT_LAST: Final = 2
_MASKED_WHOLE_LENGTH_MAX: Final = 7
_LOST_ZERO_LENGTH: Final = 11


class IdentifierInvalid(ValueError):
    """`value_kind` is not what it should be because of `code`; the value itself is left out on purpose."""

    def __init__(self, code: InvalidCode, value_kind: ValueKind) -> None:
        super().__init__(code, value_kind)
        self.code: InvalidCode = code
        self.value_kind: ValueKind = value_kind

    def __str__(self) -> str:
        return f"{self.value_kind}: {self.code}"


class _Digits(str):
    """A text of exactly `LENGTH` ASCII digits. Text, never a number: a leading zero is part of it."""

    __slots__ = ()
    KIND: ClassVar[ValueKind]
    LENGTH: ClassVar[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Accepts surrounding spaces, nothing else; raises IdentifierInvalid."""
        if not isinstance(text, str):
            raise IdentifierInvalid("not-text", cls.KIND)
        digits = text.strip()
        if len(digits) != cls.LENGTH or not digits.isascii() or not digits.isdigit():
            raise IdentifierInvalid(_why_not(digits), cls.KIND)
        return cls(digits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({mask(self)})"


def _why_not(text: str) -> InvalidCode:
    if not text:
        return "empty"
    if looks_like_scientific(text):
        return "scientific"
    return "wrong-length" if text.isascii() and text.isdigit() else "not-digits"


class PersonalNumber(_Digits):
    """Số định danh cá nhân: AAA birth registration, B century and sex, YY year, NNNNNN serial from 000001."""

    __slots__ = ()
    KIND = "personal_number"
    LENGTH = 12

    @classmethod
    def parse(cls, text: str) -> Self:
        number = super().parse(text)
        if number.endswith("000000"):
            raise IdentifierInvalid("serial-zero", cls.KIND)
        return number

    @property
    def birth_place_code(self) -> str:
        """Where the birth was registered (province before the 2025 merger, or country), never where a person lives."""
        return self[:3]

    @property
    def birth_place_known(self) -> bool:
        """False for a code outside the 63 provinces: country codes exist but their list is not public, so only warn."""
        return self[:3] in load("cccd_province_codes")

    @property
    def sex(self) -> Literal["1", "2"]:
        """ "1" Nam, "2" Nữ, of our list `gender`. A sex corrected later does not always change the number."""
        return "2" if int(self[3]) % 2 else "1"

    @property
    def birth_year(self) -> int:
        """1900 to 2399."""
        return 1900 + 100 * (int(self[3]) // 2) + int(self[4:6])


class OldIdentityNumber(_Digits):
    """Số CMND, 9 digits; the card lost validity after 31/12/2024 but still stands in old files."""

    __slots__ = ()
    KIND = "cmnd"
    LENGTH = 9


class SocialInsuranceNumber(_Digits):
    """Mã số BHXH, 10 digits, one per person for life. Its first two digits are no rule to validate by."""

    __slots__ = ()
    KIND = "social_insurance_number"
    LENGTH = 10


def repair_lost_zero(text: str) -> str | None:
    """What a spreadsheet probably dropped: "0" + 11 digits, if that is a believable personal number. Only a proposal.

    Believable means a known province: with any prefix allowed, every 11-digit number would look repairable.
    """
    digits = text.strip()
    if len(digits) != _LOST_ZERO_LENGTH:
        return None
    try:
        number = PersonalNumber.parse("0" + digits)
    except IdentifierInvalid:
        return None
    return str(number) if number.birth_place_known else None


def looks_like_scientific(text: str) -> bool:
    """A number that a spreadsheet rounded ("1.2E+10", "1,20E+10"): digits are lost, so nothing can be proposed."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


def mask(number: str) -> str:
    """First three and last two characters; a text too short to hide anything is hidden whole."""
    if len(number) <= _MASKED_WHOLE_LENGTH_MAX:
        return "*" * len(number)
    return number[:_KEPT_FIRST] + "*" * (len(number) - _KEPT_FIRST - _KEPT_LAST) + number[-_KEPT_LAST:]
