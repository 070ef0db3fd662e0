"""Who calls? Until callers have credentials of their own: whoever holds the token that the gateway printed."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request

from gateway.errors import NotPermitted

LOCAL_CALLER: Final = "local"
_SCHEME: Final = "bearer "


class TokenCheck:
    """Compares in constant time; the token is nowhere in an answer or a log."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def caller(self, request: Request) -> str:
        """The caller's name. Raises NotPermitted(token-missing | token-invalid)."""
        header = request.headers.get("authorization", "")
        if header[: len(_SCHEME)].lower() != _SCHEME:
            raise NotPermitted("token-missing", ("Authorization",))
        # Header bytes arrive as latin-1 text; what cannot be encoded so is no token of ours.
        given = header[len(_SCHEME) :].strip().encode("latin-1", "replace")
        if not hmac.compare_digest(given, self._token):
            raise NotPermitted("token-invalid", ("Authorization",))
        return LOCAL_CALLER
