"""The platform's token: asked for once, used by all, renewed before it expires.

`POST /token` with the header `lgspaccesstoken` and `grant_type=client_credentials`, as public guides have it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from adapters.lgsp.envelope import fault_in_json
from adapters.lgsp.faults import not_an_answer, of_status, of_transport
from adapters.lgsp.settings import PlatformSettings
from adapters.lgsp.transport import open_client
from adapters.lgsp.wire import read_capped, read_json
from contracts.adapter_port import TryLater

_ANSWER_BYTES_MAX = 64 * 1024
_LIFE_S_MAX = 86_400.0
_REFUSALS = frozenset({400, 401})


@dataclass(frozen=True, slots=True)
class _Held:
    text: str
    renew_at: float


class TokenSource:
    """One per platform, shared by its adapters. However many calls wait for a token, one request is under way."""

    def __init__(
        self,
        settings: PlatformSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` in seconds, never going back. Nothing is opened before the first token is asked for."""
        self._settings = settings
        self._clock = clock
        self._client = open_client(
            settings.base_url,
            settings.outbound,
            1,
            httpx.Timeout(settings.timeout_s),
            {"lgspaccesstoken": settings.access_header()},
            transport,
        )
        self._held: _Held | None = None
        self._renewal: asyncio.Task[_Held] | None = None

    @property
    def access_header(self) -> str:
        """The header that goes with every call, beside the token."""
        return self._settings.access_header()

    async def token(self) -> str:
        """A token that is still good for a while. Raises TryLater."""
        held = self._held
        if held is not None and self._clock() < held.renew_at:
            return held.text
        return await self._renewed()

    async def renewed(self, stale: str) -> str:
        """Another token than `stale`, which a system no longer takes; if somebody renewed it already, that one."""
        if self._held is not None and self._held.text == stale:
            self._held = None
        return await self.token()

    async def close(self) -> None:
        """Give back the connection."""
        if self._renewal is not None:
            self._renewal.cancel()
        await self._client.aclose()

    async def _renewed(self) -> str:
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._ask())
            self._renewal.add_done_callback(self._settle)
        # Shielded: a caller that gives up must not take the token from the others who wait for it.
        return (await asyncio.shield(self._renewal)).text

    def _settle(self, renewal: asyncio.Task[_Held]) -> None:
        self._renewal = None
        if not renewal.cancelled() and renewal.exception() is None:
            self._held = renewal.result()

    async def _ask(self) -> _Held:
        asked_at = self._clock()
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._client.stream("POST", "/token", data={"grant_type": "client_credentials"}) as response,
            ):
                body = await read_capped(response, _ANSWER_BYTES_MAX)
        except TimeoutError:
            raise TryLater("timeout", "token") from None
        except httpx.HTTPError as error:
            raise of_transport(error) from None
        if response.status_code in _REFUSALS:
            raise TryLater("not-authorised", "the platform knows no such key")
        if (fault := of_status(response.status_code, response.headers)) is not None:
            raise TryLater(fault.cause, "token", fault.retry_after_s)
        return self._read(body, asked_at)

    def _read(self, body: bytes, asked_at: float) -> _Held:
        answer = read_json(body)
        if (fault := fault_in_json("lgsp", "token", answer)) is not None:
            raise TryLater("server-error" if fault.later else "not-authorised", "token")
        text, life_s = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
            raise not_an_answer("no token in the answer")
        if isinstance(life_s, bool) or not isinstance(life_s, int | float) or life_s <= 0:
            raise not_an_answer("a token without a life")
        life_s = min(float(life_s), _LIFE_S_MAX)
        return _Held(text, asked_at + life_s - min(self._settings.renew_ahead_s, life_s * 0.1))
