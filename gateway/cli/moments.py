"""Moments as people on duty type them, by the clock on their wall: Viet Nam's, which knows no summer time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.clock import VIETNAM

_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])")
_DAY: Final = re.compile(r"([0-3]?[0-9])/([01]?[0-9])/([0-9]{4})[ ,T]+")
_LENGTH: Final = re.compile(r"([0-9]{1,4})\s*(m|min|phut|phút|h|gio|giờ)", re.IGNORECASE)
_HOURS: Final = frozenset({"h", "gio", "giờ"})


def moment(text: str, now: dt.datetime) -> str:
    """RFC 3339 of `22:00` (the next one), `05/07/2026 22:00`, `2026-07-05 22:00` or an instant. Raises CliFault."""
    text = text.strip()
    here = now.astimezone(VIETNAM)
    if clock := _CLOCK.fullmatch(text):
        at = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (at if at > here else at + dt.timedelta(days=1)).isoformat()
    iso = _DAY.sub(lambda day: f"{day[3]}-{int(day[2]):02}-{int(day[1]):02} ", text)
    try:
        at = dt.datetime.fromisoformat(iso)
    except ValueError:
        raise CliFault("error.moment-wrong", ExitCode.USAGE, given=text) from None
    return (at if at.tzinfo else at.replace(tzinfo=VIETNAM)).isoformat()


def after(text: str, start: dt.datetime) -> str:
    """RFC 3339 of the instant so long (`90m`, `2h`) after `start`. Raises CliFault."""
    length = _LENGTH.fullmatch(text.strip())
    if length is None or not int(length[1]):
        raise CliFault("error.length-wrong", ExitCode.USAGE, given=text)
    minutes = int(length[1]) * (60 if length[2].lower() in _HOURS else 1)
    return (start + dt.timedelta(minutes=minutes)).astimezone(VIETNAM).isoformat()


def shown(instant: object) -> str:
    """An instant of an answer, as the clock on the wall showed it; what is none stays as it is."""
    if not isinstance(instant, str):
        return "" if instant is None else str(instant)
    try:
        return dt.datetime.fromisoformat(instant).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
    except ValueError:
        return instant
