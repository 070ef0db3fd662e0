"""What the room of callers is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallerSettings:
    """`issuer`: our name as the issuer of tokens and the one audience of assertions (RFC 7523).

    `known_for_s`: how old what is known of callers may be; older, and nobody is let in.
    """

    issuer: str = "urn:lgsp:laichau:connector"
    known_for_s: float = 5.0
