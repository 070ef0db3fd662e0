"""What the gateway says of paused systems when entries are submitted, as sentences for an officer."""

from __future__ import annotations

import re
from typing import Final

from gateway.cli.moments import shown
from gateway.cli.session import Session
from gateway.cli.texts import catalogue

_ONE: Final = re.compile(r'([a-z_]{1,40});cause="([a-z-]{1,64})"(?:;until="([0-9TZ:.-]{1,40})")?')


def paused_notes(session: Session, header: str | None) -> list[str]:
    """One sentence per system in the header `LGSP-Paused`; what this version cannot read is left out."""
    return [
        _note(session, *found.groups()) for found in _ONE.finditer(header or "") if f"pause.{found[2]}" in catalogue()
    ]


def _note(session: Session, target: str, cause: str, ends_at: str | None) -> str:
    until = session.say("submit.paused-until", ends=shown(ends_at)) if ends_at else ""
    return session.say("submit.paused", target=target, cause=session.say(f"pause.{cause}"), until=until)
