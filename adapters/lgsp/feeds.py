"""One page of a change feed: read row by row, so that a row that nobody can read never stops those behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.rows import ROWS_MAX
from contracts.adapter_port import AdapterError, Change, ChangePage
from contracts.canonical import Json, JsonObject

NO_ID = "row-without-id"
_DIGITS_MAX = 20


def read_page(
    rows: Sequence[JsonObject],
    member: str,
    since: str,
    more: bool,
    read: Callable[[JsonObject, str], Change],
) -> ChangePage:
    """`member` names a row's id, a whole number that rises; the page's cursor is the highest. Raises TryLater."""
    if len(rows) > ROWS_MAX:
        raise not_an_answer(f"more than {ROWS_MAX} rows")
    changes: list[Change] = []
    unreadable: list[tuple[str, str]] = []
    cursor = since
    for row in rows:
        change_id = _id_of(row.get(member))
        if change_id is None:
            unreadable.append(("", NO_ID))
            continue
        cursor = max(cursor, change_id, key=_order)
        try:
            changes.append(read(row, change_id))
        except (AdapterError, ValueError, OverflowError) as error:
            unreadable.append((change_id, getattr(error, "cause", "row-unreadable")))
    if rows and cursor == since:
        # Going on behind this page would give the same page for ever.
        raise not_an_answer("a page that leads nowhere")
    return ChangePage(tuple(changes), cursor, more and bool(rows), tuple(unreadable))


def _order(change_id: str) -> int:
    return int(change_id or "0")


def _id_of(value: Json) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    fits = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return text if isinstance(text, str) and fits else None
