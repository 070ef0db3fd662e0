"""What a failed call means. Everything here is `TryLater` or `Refused`, with a cause from one short list.

Causes of TryLater: `connect`, `address-refused`, `certificate`, `timeout`, `cut`, `redirect`, `quota`, `maintenance`,
`server-error`, `not-an-answer`, `not-authorised`, `not-subscribed`, `not-found`; and those of `causes.csv`, told inside
a 200 answer.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

import httpx

from adapters.lgsp.outbound import NotAllowed, NotTrusted
from contracts.adapter_port import AdapterError, Refused, TryLater

RETRY_AFTER_S_MAX = 86_400.0
_QUOTA = 429
_MAINTENANCE = 503
_OURS = {
    401: "not-authorised",
    403: "not-subscribed",
    404: "not-found",
    405: "not-found",
    408: "timeout",
    _QUOTA: "quota",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNFIT = frozenset({400, 413, 415, 422})


def of_transport(error: httpx.HTTPError) -> TryLater:
    """No whole answer came: the message may or may not have had its effect."""
    if isinstance(error, NotAllowed):
        return TryLater("address-refused", str(error))
    if isinstance(error, NotTrusted):
        return TryLater("certificate", str(error))
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return TryLater("connect")
    if isinstance(error, httpx.TimeoutException):
        return TryLater("timeout")
    if isinstance(error, httpx.DecodingError):
        return TryLater("not-an-answer", "broken compression")
    return TryLater("cut")


def of_status(status: int, headers: httpx.Headers) -> AdapterError | None:
    """What a status other than 200 says; None for 200. A message that is unfit (4xx) would be unfit again."""
    if status == 200:
        return None
    if status == _MAINTENANCE:
        return TryLater("maintenance", retry_after_s=retry_after_s(headers))
    if status in _OURS:
        return TryLater(_OURS[status], retry_after_s=retry_after_s(headers))
    if status in _REDIRECTS:
        # Followed, it would take token and people wherever the answer says.
        return TryLater("redirect", f"HTTP {status}")
    if status in _UNFIT:
        return Refused("message-unfit", f"HTTP {status}")
    if status >= 500:
        return TryLater("server-error", f"HTTP {status}", retry_after_s(headers))
    return TryLater("not-an-answer", f"HTTP {status}")


def not_an_answer(why: str) -> TryLater:
    """HTML, a cut text, another encoding, another shape than agreed. `why` holds nothing of the answer."""
    return TryLater("not-an-answer", why)


def retry_after_s(headers: httpx.Headers, now: dt.datetime | None = None) -> float | None:
    """Retry-After (RFC 9110 10.2.3) in seconds, from a count or a date; at most a day, whatever they say."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), RETRY_AFTER_S_MAX)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    wait_s = (when - (now or dt.datetime.now(dt.UTC))).total_seconds()
    return min(max(wait_s, 0.0), RETRY_AFTER_S_MAX)
