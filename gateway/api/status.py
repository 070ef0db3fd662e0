"""What waits where, as answers."""

from __future__ import annotations

from dataclasses import asdict

from gateway.api.propagation import sender_body
from gateway.store.target_pauses import Pause
from gateway.wiring import House

_AT_REST = ("settled", "not_concerned")


def target_bodies(house: House, worker_id: str) -> list[dict[str, object]]:
    """A worker's state in each target, with the pause that it waits behind if there is one. Blocks."""
    found = house.propagation.for_worker(worker_id)
    pauses = house.propagation.pauses() if any(one.state not in _AT_REST for one in found) else {}
    return [{**asdict(one), "pause": _pause_body(pauses.get(one.target))} for one in found]


def _pause_body(pause: Pause | None) -> dict[str, object] | None:
    # Who ordered it is for people on duty, not for callers.
    told = ("cause", "reason", "starts_at", "ends_at")
    return None if pause is None else {name: getattr(pause, name) for name in told}


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
            "senders": [sender_body(report) for report in house.propagation.senders()],
        },
        "verification": {**asdict(verification), "breaker": house.asking.breaker_state()},
    }
