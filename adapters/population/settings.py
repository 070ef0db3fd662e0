"""How the national population database is called, and in whose name."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from adapters.lgsp.settings import CallLimits

BATCH_SIZE_MAX = 50
PAGE_SIZE_MAX = 500


@dataclass(frozen=True, slots=True)
class PopulationSettings:
    """Address, officer and sizes. Every call is logged over there under the officer's own personal number."""

    base_url: str
    officer_number: str = field(repr=False)
    """`MaCanBo`: the officer's own 12-digit number."""
    key_name: str = field(repr=False)
    key_pass: str = field(repr=False)
    """With `key_name`: the officer's account, sent as the header `AuthHash`."""
    procedure_code: str
    """`MaDVC`: the procedure that is licensed to use the database."""
    batch_size: int = BATCH_SIZE_MAX
    limits: CallLimits = field(default_factory=CallLimits)

    def __post_init__(self) -> None:
        number = self.officer_number
        if len(number) != 12 or not number.isascii() or not number.isdigit():
            raise ValueError("officer_number has 12 digits")
        if not 1 <= self.batch_size <= BATCH_SIZE_MAX:
            raise ValueError(f"batch_size is 1 to {BATCH_SIZE_MAX}")

    def officer_header(self) -> str:
        """The value of the header `AuthHash`."""
        return base64.b64encode(f"{self.key_name}:{self.key_pass}".encode()).decode()
