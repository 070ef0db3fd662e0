"""The gateway as the command line sees it: HTTP and nothing else. Every failure becomes a sentence and an exit code."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx
import orjson

from contracts.problems import Language
from gateway.cli.exit_codes import CliFault, ExitCode

DEFAULT_URL: Final = "http://127.0.0.1:8080"
TOKEN_FILE: Final = Path(".lgsp/token")
URL_VARIABLE: Final = "LGSP_URL"
TOKEN_VARIABLE: Final = "LGSP_TOKEN"  # noqa: S105 - the name of a variable, not a secret
CONNECT_S: Final = 10.0
ANSWER_S: Final = 120.0
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,4096}")
_PAUSED_HEADER: Final = "LGSP-Paused"
_PROBLEM: Final = "application/problem+json"


class Unreachable(Exception):
    """No usable answer came. `retry_after_s` is what the gateway asked for, if it did."""

    def __init__(self, cause: str, retry_after_s: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after_s = retry_after_s


class Refused(Exception):
    """The gateway answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("code", ""))
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway is and how we show who we are."""

    url: str
    token: str


def find_address(url: str | None, token: str | None) -> Address:
    """Option before environment before `.lgsp/token` of the working folder. Raises CliFault."""
    where = (url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).rstrip("/")
    parts = urlsplit(where)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CliFault("error.url-wrong", ExitCode.USAGE, url=where)
    given = token or os.environ.get(TOKEN_VARIABLE) or _kept_token()
    if not given:
        raise CliFault("error.token-missing", ExitCode.USAGE)
    if not _TOKEN.fullmatch(given):
        raise CliFault("error.token-unusable", ExitCode.USAGE)
    return Address(where, given)


def _kept_token() -> str:
    try:
        return TOKEN_FILE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class Gateway:
    """One gateway. Safe to use from several threads, as httpx.Client is."""

    def __init__(self, address: Address, lang: Language, transport: httpx.BaseTransport | None = None) -> None:
        self.url = address.url
        self.paused: str | None = None
        """What the gateway last said of systems that are paused (its header `LGSP-Paused`)."""
        self._client = httpx.Client(
            base_url=address.url,
            headers={"Authorization": f"Bearer {address.token}", "Accept-Language": lang},
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            transport=transport,
            # A proxy of the office network would be handed the token.
            trust_env=urlsplit(address.url).hostname not in {"127.0.0.1", "localhost", "::1"},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer's object. Raises Unreachable (worth trying again) or Refused."""
        known = {name: str(value) for name, value in (query or {}).items() if value is not None}
        content = None if body is None else orjson.dumps(body)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if content is not None else {})}
        try:
            response = self._client.request(method, path, params=known, content=content, headers=sent)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unreachable(type(error).__name__) from None
        self.paused = response.headers.get(_PAUSED_HEADER)
        return _read(response)


def _read(response: httpx.Response) -> dict[str, Any]:
    value = _object(response)
    status = response.status_code
    if status in {408, 429} or status >= 500:
        raise Unreachable(f"HTTP {status}", _retry_after(response))
    if status < 400:
        if value is None or status >= 300:
            raise Unreachable(f"HTTP {status}, {response.headers.get('content-type', '?')[:40]}")
        return value
    if value is None or not response.headers.get("content-type", "").startswith(_PROBLEM):
        value = {}
    raise Refused(status, value)


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        value = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds only: the gateway never sends a date, and a proxy's date would need its clock to be ours."""
    text = response.headers.get("retry-after", "")
    return min(float(text), 600.0) if text.isascii() and text.isdigit() else None


def fault_of(error: Unreachable | Refused, url: str) -> CliFault:
    """The sentence and exit code for a request that failed for good."""
    if isinstance(error, Unreachable):
        if error.cause.startswith(("HTTP 2", "HTTP 3")):
            return CliFault("error.answer-strange", ExitCode.UNREACHABLE, url=url, status=error.cause)
        return CliFault("error.unreachable", ExitCode.UNREACHABLE, url=url, cause=error.cause)
    if not error.problem:
        return CliFault("error.answer-strange", ExitCode.REFUSED, url=url, status=f"HTTP {error.status}")
    known = {name: str(error.problem.get(name, "")) for name in ("title", "detail", "id")}
    code = ExitCode.NOT_FOUND if error.status == 404 else ExitCode.REFUSED
    return CliFault("error.problem", code, problem=error.problem.get("code", ""), about=_about(error.problem), **known)


def _about(problem: Mapping[str, Any]) -> str:
    """What the problem is about: fields, or a parameter and the values that it takes."""
    fields = problem.get("fields")
    return f": {', '.join(map(str, fields))}" if isinstance(fields, list) and fields else ""
