"""The platform's token: one request for all who wait, renewed in time, and once more when it is no longer taken."""

from __future__ import annotations

import asyncio
import base64

import httpx
import orjson
import pytest

from contracts.adapter_port import TryLater
from tests.unit.adapters.platform import TokenOffice, tokens


async def test_calls_that_wait_together_share_one_request() -> None:
    office = TokenOffice()
    source = tokens(office)
    assert await asyncio.gather(*(source.token() for _ in range(20))) == ["token-1"] * 20
    assert len(office.asked) == 1
    await source.close()


async def test_the_request_carries_key_and_agency() -> None:
    office = TokenOffice()
    source = tokens(office)
    await source.token()
    request = office.asked[0]
    said = orjson.loads(base64.b64decode(request.headers["lgspaccesstoken"]))
    assert request.url.path == "/token"
    assert request.content == b"grant_type=client_credentials"
    assert (said["AccessKey"], said["SecretKey"], said["PartnerCode"]) == ("key", "secret", "H35")
    await source.close()


async def test_a_token_is_renewed_before_it_expires() -> None:
    now_s = [0.0]
    source = tokens(TokenOffice(life_s=3_600), lambda: now_s[0])
    assert await source.token() == "token-1"
    now_s[0] = 3_539.0
    assert await source.token() == "token-1"
    now_s[0] = 3_541.0
    assert await source.token() == "token-2"
    await source.close()


async def test_a_token_that_is_no_longer_taken_is_renewed_once_for_all() -> None:
    office = TokenOffice()
    source = tokens(office)
    stale = await source.token()
    assert await asyncio.gather(*(source.renewed(stale) for _ in range(10))) == ["token-2"] * 10
    assert await source.renewed(stale) == "token-2"
    assert len(office.asked) == 2
    await source.close()


async def test_a_caller_that_gives_up_takes_the_token_from_nobody() -> None:
    source = tokens()
    first = asyncio.create_task(source.token())
    second = asyncio.create_task(source.token())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"
    await source.close()


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), "not-authorised"),
        (httpx.Response(200, json={"error": "invalid_client"}), "not-authorised"),
        (httpx.Response(200, json={"error": "server_error"}), "server-error"),
        (httpx.Response(200, text="<html>"), "not-an-answer"),
        (httpx.Response(200, json={"access_token": "", "expires_in": 10}), "not-an-answer"),
        (httpx.Response(200, json={"access_token": "a\nb", "expires_in": 10}), "not-an-answer"),
        (httpx.Response(200, json={"access_token": "a", "expires_in": -1}), "not-an-answer"),
        (httpx.Response(503), "maintenance"),
    ],
)
async def test_without_a_token_everybody_is_told_to_come_later(answer: httpx.Response, cause: str) -> None:
    office = TokenOffice(answer=lambda _: answer)
    source = tokens(office)
    waited = await asyncio.gather(source.token(), source.token(), return_exceptions=True)
    assert [one.cause for one in waited if isinstance(one, TryLater)] == [cause, cause]
    assert len(office.asked) == 1
    await source.close()
