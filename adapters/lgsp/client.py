"""One call through the platform: token, limits, and what its failure means. No redirect is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from adapters.lgsp.faults import of_status, of_transport
from adapters.lgsp.settings import CallLimits
from adapters.lgsp.token import TokenSource
from adapters.lgsp.transport import open_client
from adapters.lgsp.wire import read_capped
from contracts.adapter_port import TryLater

_UNAUTHORISED = 401


class Answered:
    """A whole answer that came with a status other than 200, for those who look for a message inside."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: httpx.Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class PlatformClient:
    """Calls to one system. Its connections are its own, so that one slow system takes none from another."""

    def __init__(
        self,
        base_url: str,
        token: TokenSource,
        limits: CallLimits,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        self._limits = limits
        self._client = open_client(
            base_url,
            limits.outbound,
            limits.connections_max,
            httpx.Timeout(limits.silence_timeout_s, connect=limits.connect_timeout_s),
            {"lgspaccesstoken": token.access_header},
            transport,
        )

    async def post(
        self, path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of a 200 answer. Raises TryLater or Refused."""
        answered = await self.ask("POST", path, content, {"content-type": content_type, **(headers or {})})
        return _body_of(answered)

    async def put(
        self, path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of a 200 answer. Raises TryLater or Refused."""
        return _body_of(await self.ask("PUT", path, content, {"content-type": content_type, **(headers or {})}))

    async def get(self, path: str, query: Mapping[str, str | int]) -> bytes:
        """The body of a 200 answer. Raises TryLater or Refused."""
        address = httpx.URL(path, params={name: str(value) for name, value in query.items()})
        return _body_of(await self.ask("GET", str(address), b"", {}))

    async def ask(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """A whole answer, whatever its status. A token that is no longer taken is renewed once. Raises TryLater."""
        try:
            async with asyncio.timeout(self._limits.total_timeout_s):
                token = await self._token.token()
                answered = await self._once(method, path, content, headers, token)
                if answered.status == _UNAUTHORISED:
                    token = await self._token.renewed(token)
                    answered = await self._once(method, path, content, headers, token)
        except TimeoutError:
            raise TryLater("timeout") from None
        except httpx.HTTPError as error:
            raise of_transport(error) from None
        return answered

    async def _once(self, method: str, path: str, content: bytes, headers: Mapping[str, str], token: str) -> Answered:
        authorised = {**headers, "authorization": f"Bearer {token}"}
        async with self._client.stream(method, path, content=content or None, headers=authorised) as response:
            body = await read_capped(response, self._limits.answer_bytes_max)
        return Answered(response.status_code, response.headers, body)

    async def close(self) -> None:
        """Give back connections. The token source belongs to the platform and stays open."""
        await self._client.aclose()


def _body_of(answered: Answered) -> bytes:
    fault = of_status(answered.status, answered.headers)
    if fault is not None:
        raise fault
    return answered.body
