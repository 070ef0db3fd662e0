"""Until when: what each case must have come to, and what remains of the time.

Source: Law 91/2025/QH15 on personal data protection, Article 23 (an incident is told to the authority within 72 hours
after it was detected); Decree 356/2025/NĐ-CP (a data subject's request is acknowledged within 2 working days). The
decree's own times to carry a request out differ by kind; this house sets 10 working days after receipt for every kind.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from gateway.clock import civil_date
from gateway.register.holidays import Calendar, calendar_of
from gateway.register.working_days import add_working_days, end_of, working_days_between

REPORT_WITHIN: Final = dt.timedelta(hours=72)
ACKNOWLEDGE_WITHIN_WORKING_DAYS: Final = 2
CARRY_OUT_WITHIN_WORKING_DAYS: Final = 10
Unit: TypeAlias = Literal["hours", "working_days", "days"]
_HOUR: Final = dt.timedelta(hours=1)
_TOLD_IN_HOURS_MAX: Final = 48


@dataclass(frozen=True, slots=True)
class RequestDeadlines:
    """Instants at which the time is over."""

    acknowledge_due_at: dt.datetime
    close_due_at: dt.datetime
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Remaining:
    """What remains, or by how much the time is over. Left is rounded down, overdue up: never kinder than the clock."""

    overdue: bool
    amount: int
    unit: Unit


def of_incident(detected_at: dt.datetime) -> dt.datetime:
    """Until when an incident must have been reported: hours run through nights and holidays."""
    return detected_at + REPORT_WITHIN


def of_request(received_at: dt.datetime) -> RequestDeadlines:
    """Both deadlines of a request count from its receipt, whose own day does not count."""
    received_on = civil_date(received_at)
    acknowledge_on = add_working_days(received_on, ACKNOWLEDGE_WITHIN_WORKING_DAYS)
    close_on = add_working_days(received_on, CARRY_OUT_WITHIN_WORKING_DAYS)
    return RequestDeadlines(end_of(acknowledge_on), end_of(close_on), calendar_of(received_on, close_on))


def remaining(due_at: dt.datetime, now: dt.datetime, *, in_working_days: bool) -> Remaining:
    """How it stands at `now`; at the deadline itself the time is over. On its last day 0 working days are left."""
    if now >= due_at:
        hours = max(1, math.ceil((now - due_at) / _HOUR))
        return Remaining(True, hours, "hours") if hours < _TOLD_IN_HOURS_MAX else Remaining(True, hours // 24, "days")
    if not in_working_days:
        return Remaining(False, (due_at - now) // _HOUR, "hours")
    # The deadline is the midnight that ends the last day.
    last_day = civil_date(due_at - dt.timedelta(microseconds=1))
    return Remaining(False, working_days_between(civil_date(now), last_day), "working_days")
