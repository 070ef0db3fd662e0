"""Bearer tokens: given by the platform, checked by every system with the same key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson

_CHECKED_MAX: Final = 1_000


@cache
def credentials() -> dict[str, Any]:
    """The invented keys that open the simulated platform."""
    loaded: dict[str, Any] = orjson.loads((resources.files(__package__) / "credentials.json").read_bytes())
    return loaded


def read_access_header(header: str | None) -> dict[str, Any] | None:
    """The object in `lgspaccesstoken`; None when it is not base64 of a JSON object."""
    try:
        decoded = orjson.loads(base64.b64decode((header or "").encode("ascii"), validate=True))
    except (ValueError, UnicodeEncodeError):
        return None
    return decoded if isinstance(decoded, dict) else None


@dataclass(slots=True)
class TokenOffice:
    """Issues and checks tokens. `expires_in_s` is what the platform promises."""

    expires_in_s: int = 3600
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _checked: dict[str, float] = field(default_factory=dict)

    def issue(self, subject: str) -> str:
        """A signed token for an access key."""
        claims = {"sub": subject, "exp": time.time() + self.expires_in_s, "jti": secrets.token_hex(8)}
        payload = base64.urlsafe_b64encode(orjson.dumps(claims)).decode()
        return f"{payload}.{self._sign(payload)}"

    def refusal(self, headers: Mapping[str, str]) -> tuple[int, int, str] | None:
        """Why a call may not pass: HTTP status, gateway code, message; None when it may."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return 401, 900902, "Missing Credentials"
        if not self._valid(token):
            return 401, 900901, "Invalid Credentials"
        access = read_access_header(headers.get("lgspaccesstoken"))
        if access is None or access.get("AccessKey") != credentials()["AccessKey"]:
            return 403, 900908, "Resource forbidden: lgspaccesstoken"
        return None

    def _valid(self, token: str) -> bool:
        expires_at = self._checked.get(token)
        if expires_at is None:
            expires_at = self._expiry(token)
            if len(self._checked) >= _CHECKED_MAX:
                self._checked.clear()
            self._checked[token] = expires_at
        return time.time() < expires_at

    def _expiry(self, token: str) -> float:
        payload, _, signature = token.partition(".")
        if not hmac.compare_digest(self._sign(payload).encode(), signature.encode("utf-8", "replace")):
            return 0.0
        return float(orjson.loads(base64.urlsafe_b64decode(payload))["exp"])

    def _sign(self, payload: str) -> str:
        return hmac.new(self._key, payload.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
