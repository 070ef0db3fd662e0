"""Which number of which part is which metric: read once, when a process knows its role."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from gateway.observability.metrics import Values
from gateway.roles import Role, has_doors
from gateway.store import target_gauges, verifications
from gateway.stream.port import Consumer
from gateway.wiring.gauges import Gauges, Look, age_s
from gateway.wiring.house import House, Loop

_PENDING: Final = ("lgsp_pending_events", "lgsp_pending_oldest_seconds")
_UNCHAINED: Final = ("lgsp_audit_unchained_rows", "lgsp_audit_unchained_seconds")
_TARGETS: Final = ("lgsp_target_rows", "lgsp_target_oldest_due_seconds", "lgsp_target_paused", "lgsp_verifications")
_ENTRIES: Final = ("lgsp_quarantined_entries",)
_GAPS: Final = ("lgsp_stage_gaps",)
_OVERDUE: Final = ("lgsp_register_overdue",)


def measure(house: House, role: Role) -> dict[str, Loop]:
    """Register what this role's parts count; answers the loops that look up the rest, none where nobody scrapes."""
    metrics, tally = house.metrics, house.intake.tally
    metrics.add("lgsp_entries_total", tally.receipts.values)
    metrics.add_distribution("lgsp_intake_flush_rows", tally.rows)
    if "relay" in house.loops:
        metrics.add("lgsp_published_total", lambda: {(): house.relay.published})
        metrics.add("lgsp_relay_leader", lambda: {(): house.relay.leads})
    for loop, (group, consumer) in house.consumers.items():
        if loop in house.loops:
            metrics.add("lgsp_consumer_lag_events", partial(_lag, group, consumer))
    if _sends(house):
        metrics.add("lgsp_deliveries_total", partial(_deliveries, house))
        metrics.add("lgsp_breaker_open", partial(_breakers, house))
    if "watch" in house.loops:
        metrics.add("lgsp_stage_lag_seconds", partial(_stage_lags, house))
    if house.settings.metrics.port is None:
        return {}
    return {f"gauges.{names[0]}": Gauges(names, look, metrics).run for names, look in _looks(house, role)}


def _looks(house: House, role: Role) -> list[tuple[tuple[str, ...], Look]]:
    looks: list[tuple[tuple[str, ...], Look]] = []
    if "relay" in house.loops:
        looks.append((_PENDING, partial(_pending, house)))
        looks.append((_UNCHAINED, partial(_unchained, house)))
    if _sends(house):
        looks.append((_TARGETS, partial(_targets, house)))
    if has_doors(role):
        looks.append((_ENTRIES, partial(_entries, house)))
        looks.append((_OVERDUE, partial(_overdue, house)))
    if "watch" in house.loops:
        looks.append((_GAPS, partial(_gaps, house)))
    return looks


def _sends(house: House) -> bool:
    return any(name.startswith("sender.") for name in house.loops)


def _lag(group: str, consumer: Consumer) -> Values:
    return {(group,): consumer.lag()}


def _deliveries(house: House) -> Values:
    return {
        (name, state): count
        for name, sender in house.senders.items()
        for state, count in sender.status().outcomes.items()
    }


def _breakers(house: House) -> Values:
    return {(name,): sender.status().breaker == "open" for name, sender in house.senders.items()}


def _pending(house: House) -> Mapping[str, Values]:
    backlog = house.event_log.backlog()
    return {_PENDING[0]: {(): backlog.events}, _PENDING[1]: {(): age_s(backlog.oldest_at, house.clock)}}


def _unchained(house: House) -> Mapping[str, Values]:
    found = house.audit.unchained()
    return {_UNCHAINED[0]: {(): found.rows}, _UNCHAINED[1]: {(): age_s(found.oldest_at, house.clock)}}


def _targets(house: House) -> Mapping[str, Values]:
    with house.database.read() as connection:
        people = target_gauges.people(connection)
        oldest = target_gauges.oldest_work(connection)
        outcomes = verifications.counts(connection)
    paused = {pause.target for pause in house.pauses.in_force()}
    found: list[Values] = [
        people,
        {(name,): age_s(oldest.get(name), house.clock) for name in house.systems},
        {(name,): name in paused for name in house.systems},
        {(outcome,): count for outcome, count in outcomes.items()},
    ]
    return dict(zip(_TARGETS, found, strict=True))


def _entries(house: House) -> Mapping[str, Values]:
    return {_ENTRIES[0]: {(): house.entries.quarantine_size()}}


def _overdue(house: House) -> Mapping[str, Values]:
    return {_OVERDUE[0]: {(case,): count for case, count in house.register.overdue().items()}}


def _stage_lags(house: House) -> Values:
    return {(lag.stage,): lag.oldest_s for lag in house.watcher.lags}


def _gaps(house: House) -> Mapping[str, Values]:
    return {_GAPS[0]: {(stage,): count for stage, count in house.watch.show().by_stage().items()}}
