"""One call through the platform, and what its failure is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.lgsp.client import PlatformClient
from adapters.lgsp.settings import CallLimits
from contracts.adapter_port import Refused, TryLater
from tests.unit.adapters.platform import LIMITS, SYSTEM, TokenOffice, saying, tokens

_LATER = {"retry-after": "7"}


async def _call(transport: httpx.AsyncBaseTransport, limits: CallLimits = LIMITS) -> bytes:
    source = tokens()
    client = PlatformClient(SYSTEM, source, limits, transport)
    try:
        return await client.post("/x", b"{}", "application/json")
    finally:
        await client.close()
        await source.close()


async def test_a_call_carries_token_and_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"{}")

    assert await _call(httpx.MockTransport(answer)) == b"{}"
    assert seen[0].headers["authorization"] == "Bearer token-1"
    assert seen[0].headers["lgspaccesstoken"]


async def test_a_token_that_is_no_longer_taken_is_renewed_and_the_call_made_again() -> None:
    office = TokenOffice()
    source = tokens(office)
    client = PlatformClient(SYSTEM, source, LIMITS, saying(httpx.Response(401), httpx.Response(200, content=b"ok")))
    assert await client.get("/x", {"a": 1}) == b"ok"
    assert len(office.asked) == 2
    await client.close()
    await source.close()


@pytest.mark.parametrize(
    ("answer", "cause", "retry_after_s"),
    [
        (httpx.Response(401), "not-authorised", None),
        (httpx.Response(403), "not-subscribed", None),
        (httpx.Response(404), "not-found", None),
        (httpx.Response(429, headers=_LATER), "quota", 7.0),
        (httpx.Response(503, headers=_LATER), "maintenance", 7.0),
        (httpx.Response(503, headers={"retry-after": "soon"}), "maintenance", None),
        (httpx.Response(503, headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}), "maintenance", 0.0),
        (httpx.Response(500), "server-error", None),
        (httpx.Response(302, headers={"location": "http://elsewhere.invalid"}), "redirect", None),
        (httpx.Response(200, content=b"x" * 20_000), "not-an-answer", None),
        (httpx.Response(200, headers={"content-encoding": "br"}, content=b""), "not-an-answer", None),
        (httpx.ConnectError("no"), "connect", None),
        (httpx.ConnectTimeout("no"), "connect", None),
        (httpx.ReadTimeout("no"), "timeout", None),
        (httpx.RemoteProtocolError("no"), "cut", None),
        (httpx.ReadError("no"), "cut", None),
    ],
)
async def test_trouble_on_the_way_means_later(
    answer: httpx.Response | Exception, cause: str, retry_after_s: float | None
) -> None:
    with pytest.raises(TryLater) as later:
        await _call(saying(answer))
    assert (later.value.cause, later.value.retry_after_s) == (cause, retry_after_s)


async def test_a_message_that_is_unfit_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        await _call(saying(httpx.Response(400)))
    assert refused.value.cause == "message-unfit"


class _Dripping(httpx.AsyncByteStream):
    """An answer that never ends, though there is never a long silence."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b" "


async def test_an_answer_that_drips_is_cut_off_when_the_time_is_up() -> None:
    dripping = httpx.MockTransport(lambda _: httpx.Response(200, stream=_Dripping()))
    with pytest.raises(TryLater) as later:
        await _call(dripping, CallLimits(total_timeout_s=0.1))
    assert later.value.cause == "timeout"
