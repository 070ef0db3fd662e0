"""A platform that answers from memory: no socket is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from adapters.lgsp.settings import CallLimits, PlatformSettings
from adapters.lgsp.token import TokenSource

Answer = Callable[[httpx.Request], httpx.Response]
SETTINGS = PlatformSettings("http://platform.invalid", "key", "secret")
LIMITS = CallLimits(answer_bytes_max=10_000)
SYSTEM = "http://system.invalid"


class TokenOffice:
    """Gives token-1, token-2, …; counts how often it was asked."""

    def __init__(self, life_s: float = 3_600, answer: Answer | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self._life_s = life_s
        self._answer = answer

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        await asyncio.sleep(0)
        if self._answer is not None:
            return self._answer(request)
        return httpx.Response(200, json={"access_token": f"token-{len(self.asked)}", "expires_in": self._life_s})


def tokens(office: TokenOffice | None = None, clock: Callable[[], float] = lambda: 0.0) -> TokenSource:
    return TokenSource(SETTINGS, httpx.MockTransport(office or TokenOffice()), clock)


def saying(*answers: httpx.Response | Exception) -> httpx.MockTransport:
    """Answers in turn; the last one for ever."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        one = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(one, Exception):
            raise one
        # An answer is a stream that is read once; a repeated one is made anew.
        return httpx.Response(one.status_code, headers=dict(one.headers), content=one.content)

    return httpx.MockTransport(answer)


def data(value: Any, **more: Any) -> httpx.Response:
    """An answer of labour supply and demand."""
    return httpx.Response(200, json={"data": value, "error": None, "total": 1, **more})
