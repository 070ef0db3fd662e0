"""What a room may raise. Rooms raise codes (contracts.problems); only the doors know what a code means to a caller.

GatewayError
 ── ContractViolated   the request breaks the contract: a field, a cursor, a missing reason
 ── NotPermitted       the caller may not do this
 ── NotFound           there is no such thing, or it is another unit's
 ── Conflict           it was decided already, or a key is used for another body
 ── TooMuch            more in a while than this caller may ask
 ── Busy               not now: the same again later
"""

from __future__ import annotations


class GatewayError(Exception):
    """A refusal with a stable code; `fields` names what it is about, and nothing in it identifies a person."""

    def __init__(self, code: str, fields: tuple[str, ...] = (), retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields
        self.retry_after_s = retry_after_s


class ContractViolated(GatewayError):
    """The request breaks the contract."""


class NotPermitted(GatewayError):
    """The caller may not do this."""


class NotFound(GatewayError):
    """There is no such thing, or it is another unit's: both read the same."""


class Conflict(GatewayError):
    """What is asked contradicts what has already happened."""


class TooMuch(GatewayError):
    """The caller asks more in a while than its tier allows. `retry_after_s` says when again."""


class Busy(GatewayError):
    """Not now: the same again later. `retry_after_s` says when."""
