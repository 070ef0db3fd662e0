"""From the operator's settings to each room's own."""

from __future__ import annotations

from contracts.worker import SystemName
from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import BreakerSettings
from gateway.propagation.settings import TargetSettings
from gateway.relay.settings import RelaySettings
from gateway.settings import BreakerPart, Settings
from gateway.verification.settings import VerificationSettings

_CALL_MARGIN_S = 5.0
"""The room waits a little longer than the adapter, whose own timeout names the cause."""
_REST_ON_KAFKA_S = 0.001
_CALLS_PER_PERSON_MAX = 3
"""By 037; by 033 whom it does not find; by 037 with the year alone whom 033 knows."""


def relay_settings(settings: Settings) -> RelaySettings:
    """On Kafka events are awaited elsewhere; on one machine's database a rest spares intake more than it delays."""
    return RelaySettings(rest_s=_REST_ON_KAFKA_S) if settings.uses_kafka else RelaySettings()


def target_settings(settings: Settings, name: SystemName) -> TargetSettings:
    """One target's limits."""
    target, pace = getattr(settings.targets, name), settings.propagation
    call_timeout_s = target.timeout_s + _CALL_MARGIN_S
    return TargetSettings(
        needs_verified_identity=target.waits_for_identity,
        concurrency_max=target.concurrency_max,
        call_timeout_s=call_timeout_s,
        lease_s=2 * call_timeout_s,
        deliveries_per_s_max=target.rate_per_s_max or None,
        backoff=Backoff(pace.backoff_first_s, pace.backoff_longest_s),
        breaker=breaker_settings(pace),
    )


def verification_settings(settings: Settings) -> VerificationSettings:
    """Asking the population system."""
    call_timeout_s = _CALLS_PER_PERSON_MAX * settings.targets.population.timeout_s + _CALL_MARGIN_S
    concurrency = settings.verification.concurrency_max
    return VerificationSettings(
        concurrency_max=concurrency,
        people_per_step_max=8 * concurrency,
        call_timeout_s=call_timeout_s,
        lease_s=10 * call_timeout_s,
        breaker=breaker_settings(settings.propagation),
    )


def breaker_settings(part: BreakerPart) -> BreakerSettings:
    """A room's breaker."""
    return BreakerSettings(part.breaker_failures, part.breaker_open_s, part.breaker_open_longest_s)
