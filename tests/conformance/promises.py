"""What every adapter promises, whatever its system: hand in an adapter, an emptied system and people it will take."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest

from contracts.adapter_port import CannotTranslate, Change, Delivered, Delivery, PersonKey, SystemAdapter, View
from contracts.worker import WorkerRecord


async def keeps_its_promises(adapter: SystemAdapter, records: Sequence[WorkerRecord]) -> None:
    """Raises AssertionError at the first promise that is broken. At least two records, at most one batch."""
    assert isinstance(adapter, SystemAdapter)
    assert 2 <= len(records) <= adapter.batch_size_max
    assert (await adapter.ping()).latency_ms >= 0
    views = _views(adapter, records)
    keys = [adapter.person_key(view) for view in views]
    await _delivers_and_reads(adapter, views, keys)
    await _reports(adapter, views, keys)


def _views(adapter: SystemAdapter, records: Sequence[WorkerRecord]) -> list[View]:
    views = [adapter.view(record) for record in records]
    assert views == [adapter.view(record) for record in records], "the same record gives the same view"
    assert [orjson.loads(orjson.dumps(view)) for view in views] == views, "a view is JSON-shaped"
    with pytest.raises(CannotTranslate) as refused:
        adapter.view(WorkerRecord("nobody", 1, {}, {}))
    assert refused.value.cause == refused.value.cause.lower().replace(" ", "-"), "a cause is kebab-case"
    return views


async def _delivers_and_reads(adapter: SystemAdapter, views: list[View], keys: list[PersonKey]) -> None:
    batch = [Delivery(f"worker-{place}", 1, view, f"c-{place}") for place, view in enumerate(views)]
    for _ in range(2):  # delivering a whole view twice is harmless
        outcomes = await adapter.deliver(batch)
        assert [type(one) for one in outcomes] == [Delivered] * len(batch), outcomes
        assert await adapter.read(keys) == views, "what is read back equals the view that was sent"
    stranger = PersonKey(personal_number="012199000001")
    assert await adapter.read([stranger, keys[0], PersonKey()]) == [None, views[0], None], "in order; None = unknown"
    assert await adapter.deliver([]) == []


async def _reports(adapter: SystemAdapter, views: list[View], keys: list[PersonKey]) -> None:
    changes: list[Change] = []
    cursor: str | None = None
    more = True
    while more:
        page = await adapter.changes(cursor, 1)
        assert page.unreadable == ()
        assert page.cursor != cursor, "a page that says there is more leads on"
        changes += page.changes
        cursor, more = page.cursor, page.more
    newest = {change.person.personal_number: change.held for change in changes}
    assert [newest[key.personal_number] for key in keys] == views, "the feed tells our own writing as it was sent"
    assert len({change.change_id for change in changes}) == len(changes), "a change has an id of its own"
    for change in changes:
        assert change.happened_at.endswith("Z"), "instants are UTC"
        assert len(change.as_of) == 10, "as-of is a civil date"
    rest = await adapter.changes(cursor, 1)
    assert (rest.changes, rest.cursor) == ((), cursor), "the end of the feed keeps the cursor"
