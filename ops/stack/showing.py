"""The stack's page for a person and for a program."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from contracts.problems import Language
from gateway.cli.texts import say
from ops.stack.folder import PartState, StackStatus

_STYLES: Final[dict[PartState, str]] = {"ready": "green", "starting": "yellow", "waiting": "yellow", "ended": "red"}
_COLUMNS: Final = ("part", "state", "pid", "restarts", "since", "address", "metrics")


def as_table(status: StackStatus, lang: Language) -> Table:
    """A row per part; below, what those said that do not stay up."""
    table = Table(pad_edge=False)
    for column in _COLUMNS:
        table.add_column(say(f"stack.{column}", lang))
    for part in status.parts:
        state = Text(say(f"stack.state.{part.state}", lang), style=_STYLES[part.state])
        pid = "" if part.pid is None else str(part.pid)
        places = (part.address.removeprefix("http://"), part.metrics.removeprefix("http://"))
        table.add_row(part.name, state, pid, str(part.restarts), _time(part.since), *places)
    words = [say("stack.says", lang, part=part.name, words=part.says) for part in status.parts if part.says]
    table.caption = "\n".join(words) or None
    table.caption_justify = "left"
    return table


def _time(since: str) -> str:
    """The local time of day."""
    return dt.datetime.fromisoformat(since).astimezone().strftime("%H:%M:%S") if since else ""


def as_json(status: StackStatus) -> dict[str, Any]:
    """The same as data."""
    return {"ready": status.is_ready(), **asdict(status)}


def what_is_missing(status: StackStatus | None, lang: Language) -> str:
    """The parts that are not ready, by name; of one that fails, what it said."""
    if status is None:
        return say("stack.supervisor", lang)
    parts = [part for part in status.parts if part.state != "ready"]
    return ", ".join(f"{part.name} ({part.says})" if part.says else part.name for part in parts)
