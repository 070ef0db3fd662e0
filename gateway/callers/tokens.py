"""Access tokens: JWT (RFC 9068), signed and read by the processes of this house alone, hence with one secret key.

Whoever holds a token is looked up in the directory at every use: a caller who was disabled, or whose keys were
withdrawn, is out within seconds, whatever the token says.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.callers.directory import Directory, digest_of, may_come_from
from gateway.callers.settings import CallerSettings
from gateway.clock import Clock, instant
from gateway.permissions import Caller
from gateway.store.callers import CallerRow

_ALGORITHM: Final = "HS256"
_TYPE: Final = "at+jwt"
_AUDIENCE: Final = "lgsp"
TOKEN_LENGTH_MAX: Final = 2_048
_KNOWN_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Issued:
    """`token_type`: DPoP (RFC 9449) or Bearer; `expires_in`: seconds."""

    access_token: str
    token_type: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `thumbprint`: of the key that must prove itself with each request (RFC 7638), or None."""

    name: str
    issued_at: str
    not_before: float
    expires: float
    address: str | None
    thumbprint: str | None


class Tokens:
    """Signatures are checked once per token; the directory is asked at every use."""

    def __init__(self, secret: bytes, directory: Directory, clock: Clock, settings: CallerSettings) -> None:
        self._key = OctKey.import_key(secret)
        self._directory = directory
        self._clock = clock
        self._settings = settings
        self._known: dict[bytes, Claims] = {}

    def issue(
        self, caller: str, lifetime_s: int, *, address: str | None = None, thumbprint: str | None = None
    ) -> Issued:
        """A token of a caller, bound to a source address or to a key."""
        now = self._clock()
        issued = int(now.timestamp())
        claims: dict[str, object] = {
            "iss": self._settings.issuer,
            "aud": _AUDIENCE,
            "sub": caller,
            "client_id": caller,
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_s,
            "jti": secrets.token_urlsafe(16),
            # To the microsecond: of two tokens of one second, one may be from before a revocation.
            "issued_at": instant(now),
        }
        if address is not None:
            claims["address"] = address
        if thumbprint is not None:
            claims["cnf"] = {"jkt": thumbprint}
        token = jwt.encode({"alg": _ALGORITHM, "typ": _TYPE}, claims, self._key, algorithms=[_ALGORITHM])
        return Issued(token, "Bearer" if thumbprint is None else "DPoP", lifetime_s)

    def claims(self, token: str) -> Claims | None:
        """What the token says, if it is one of ours and holds now; None for everything else."""
        if len(token) > TOKEN_LENGTH_MAX:
            return None
        digest = digest_of(token)
        claims = self._known.get(digest)
        if claims is None:
            claims = self._read(token)
            if claims is None:
                return None
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[digest] = claims
        now_s = self._clock().timestamp()
        if not claims.not_before <= now_s < claims.expires:
            self._known.pop(digest, None)
            return None
        return claims

    def holder(self, claims: Claims, address: str | None) -> Caller | None:
        """The caller behind a token, if nothing has ended it. Raises Busy."""
        row = self._directory.active(claims.name)
        if row is None or not self._holds(row, claims) or not may_come_from(row, address):
            return None
        return row.caller if claims.address is None or claims.address == address else None

    def _holds(self, row: CallerRow, claims: Claims) -> bool:
        return claims.issued_at >= row.tokens_after

    def _read(self, token: str) -> Claims | None:
        try:
            read = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        said = read.claims
        ours = said.get("iss") == self._settings.issuer and said.get("aud") == _AUDIENCE
        if read.header.get("typ") != _TYPE or not ours or not _is_canonical(token):
            return None
        confirmation = said.get("cnf") or {}
        return Claims(
            name=str(said["sub"]),
            issued_at=str(said["issued_at"]),
            not_before=float(said["nbf"]),
            expires=float(said["exp"]),
            address=said.get("address"),
            thumbprint=confirmation.get("jkt"),
        )


def _is_canonical(token: str) -> bool:
    """Base64url has more than one spelling of a last character; a token has one."""
    for part in token.split("."):
        padded = part + "=" * (-len(part) % 4)
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(padded)).rstrip(b"=").decode() != part:
            return False
    return True
