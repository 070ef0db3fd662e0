"""Answers as tables. What comes from elsewhere is shown as text: no markup, no control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from rich.table import Table
from rich.text import Text

from gateway.cli.moments import shown as shown_moment
from gateway.cli.session import Session, print_json
from gateway.cli.texts import catalogue

STATE_STYLES: Final = {
    "accepted": "green",
    "settled": "green",
    "verified": "green",
    "unchanged": "cyan",
    "quarantined": "yellow",
    "warn": "yellow",
    "refused": "red",
    "refuse": "red",
    "row_error": "red",
    "parked": "red",
}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PLACEHOLDER: Final = re.compile(r"\{\d\}")
_CELL_LENGTH_MAX: Final = 400
_COPIED: Final = frozenset({"id", "entry_id", "worker_id", "case"})
"""Ids are copied into the next command, so they are never broken over two lines."""

_INSTANTS: Final = frozenset(
    {
        "changed_at",
        "created_at",
        "decided_at",
        "expires_at",
        "next_at",
        "next_attempt_at",
        "proposed_at",
        "received_at",
        "recorded_at",
        "since",
        "time",
    }
)
_WORDS: Final = frozenset({"state", "outcome", "severity"})
"""Codes that are shown as words; `--json` keeps the codes."""


def cell(value: object) -> Text:
    """Any value as one cell. A colour only for words that mean one."""
    text = _CONTROL.sub("�", _plain(value))
    return Text(text[:_CELL_LENGTH_MAX], style=STATE_STYLES.get(text, ""))


def without_placeholders(message: object) -> str:
    """A rule's message in general: what it fills in for one entry is left open."""
    return _PLACEHOLDER.sub("…", message) if isinstance(message, str) else ""


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def table(session: Session, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Table:
    """A table whose headings are the texts `head.<column>`."""
    shown = Table()
    for column in columns:
        shown.add_column(session.say(f"head.{column}"), overflow="fold", no_wrap=column in _COPIED)
    for row in rows:
        shown.add_row(*(_member(session, column, row.get(column)) for column in columns))
    return shown


def _member(session: Session, column: str, value: object) -> Text:
    """A member's value as its reader says it. A code that this version does not know stays as it is."""
    if column in _WORDS and isinstance(value, str) and f"{column}.{value}" in catalogue():
        return Text(session.say(f"{column}.{value}"), style=STATE_STYLES.get(value, ""))
    return cell(_local(column, value))


def _local(column: str, value: object) -> object:
    return shown_moment(value) if column in _INSTANTS and value is not None else value


def show_page(session: Session, page: Mapping[str, Any], columns: Sequence[str], as_json: bool) -> None:
    """A page of a list, and how to get the next one."""
    if as_json:
        print_json(page)
        return
    items = [item for item in page.get("items", []) if isinstance(item, dict)]
    if not items:
        session.out.print(session.say("show.none"))
        return
    session.out.print(table(session, columns, items))
    if page.get("next") is not None:
        session.err.print(session.say("show.more", cursor=page["next"]))


def show_members(session: Session, thing: Mapping[str, object], names: Sequence[str]) -> None:
    """One thing: its members below each other."""
    shown = Table(show_header=False, box=None, pad_edge=False)
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name in names:
        shown.add_row(session.say(f"head.{name}"), _member(session, name, thing.get(name)))
    session.out.print(shown)


def show_findings(session: Session, findings: Sequence[Mapping[str, object]]) -> None:
    """What is doubted and what to do about it."""
    if findings:
        session.out.print(table(session, ("rule", "severity", "fields", "message", "remedy"), findings))
