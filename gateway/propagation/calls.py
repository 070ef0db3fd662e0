"""Calls to a target, with every way of failing turned into an outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from contracts.adapter_port import AdapterError, Delivery, Outcome, PersonKey, SystemAdapter, TryLater, View
from contracts.trace import trace_id_of

ADAPTER_FAULT = "adapter-fault"
_log = structlog.get_logger("propagation")


async def deliver(adapter: SystemAdapter, batch: Sequence[Delivery], timeout_s: float) -> list[Outcome]:
    """One outcome per delivery, in order; never raises for what the target or the adapter does.

    When the adapter itself fails on a batch, the batch is halved until the message that it fails on stands alone:
    sending a whole view twice is harmless, and nobody else waits behind it.
    """
    try:
        async with asyncio.timeout(timeout_s):
            outcomes = await adapter.deliver(batch)
        if len(outcomes) != len(batch):
            raise ValueError(f"{len(outcomes)} outcomes for {len(batch)} deliveries")
    except TryLater as error:
        return [error] * len(batch)
    except TimeoutError:
        return [TryLater("timeout", f"no answer in {timeout_s:g} s")] * len(batch)
    except Exception as error:
        if len(batch) == 1:
            return [_fault(adapter, error, trace_id_of(batch[0].correlation_id))]
        middle = len(batch) // 2
        return [
            *await deliver(adapter, batch[:middle], timeout_s),
            *await deliver(adapter, batch[middle:], timeout_s),
        ]
    return outcomes


async def read(adapter: SystemAdapter, people: Sequence[PersonKey], timeout_s: float) -> list[View | None] | TryLater:
    """What the target holds of these people, in order, or why that cannot be said now."""
    try:
        async with asyncio.timeout(timeout_s):
            held = await adapter.read(people)
        if len(held) != len(people):
            raise ValueError(f"{len(held)} answers for {len(people)} people")
    except TryLater as error:
        return error
    except TimeoutError:
        return TryLater("timeout", f"no answer in {timeout_s:g} s")
    except AdapterError as error:
        return TryLater(error.cause, error.detail)
    except Exception as error:
        return _fault(adapter, error)
    return held


def _fault(adapter: SystemAdapter, error: Exception, trace_id: str | None = None) -> TryLater:
    # The type alone: a message of an exception we did not foresee may quote what it choked on.
    _log.error("propagation.adapter_failed", target=adapter.name, trace_id=trace_id, error=type(error).__name__)
    return TryLater(ADAPTER_FAULT, type(error).__name__)
