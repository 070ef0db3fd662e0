"""What no stream takes: records that are too large, and those that follow one under its key."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.stream.port import RECORD_BYTES_MAX, Outcome, PublishFailed, StreamRecord


def refused(records: Sequence[StreamRecord]) -> dict[int, Outcome]:
    """By number: the records that cannot be published whatever the stream is."""
    found: dict[int, Outcome] = {}
    failed: set[tuple[str, str]] = set()
    for number, record in enumerate(records):
        key = (record.topic, record.key)
        if key in failed:
            found[number] = PublishFailed("earlier_record_failed")
        elif len(record.body) > RECORD_BYTES_MAX:
            failed.add(key)
            found[number] = PublishFailed("record_too_large")
    return found
