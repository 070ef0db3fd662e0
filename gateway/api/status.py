"""What waits where, as answers."""

from __future__ import annotations

from dataclasses import asdict

from gateway.wiring import House


def target_bodies(house: House, worker_id: str) -> list[dict[str, object]]:
    """A worker's state in each target. Blocks."""
    return [asdict(one) for one in house.propagation.for_worker(worker_id)]


def house_status(house: House) -> dict[str, object]:
    """Entries by state, the relay's backlog, each target's rows and breaker, verification. Blocks."""
    backlog = house.event_log.backlog()
    verification = house.verifications.status()
    return {
        "entries": house.entries.counts(),
        "relay": {
            "pending": backlog.events,
            "oldest_at": backlog.oldest_at,
            "position": house.event_log.last_position(),
        },
        "targets": {
            "rows": [asdict(one) for one in house.propagation.waiting()],
            "senders": [asdict(sender.status()) for sender in house.senders.values()],
        },
        "verification": {**asdict(verification), "breaker": house.asking.breaker_state()},
    }
