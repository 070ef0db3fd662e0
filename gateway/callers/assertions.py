"""How a client proves who it is at the token endpoint: a JWT signed with its own key (private_key_jwt, RFC 7523).

Unknown client, wrong key and every other fault read the same, and a signature is checked in each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, import_key

from gateway.callers.directory import Directory
from gateway.callers.settings import CallerSettings
from gateway.clock import Clock, instant
from gateway.store import callers as rows
from gateway.store.callers import CallerRow
from gateway.store.engine import Database

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ("ES256", "PS256", "Ed25519", "EdDSA")
ASSERTION_LENGTH_MAX: Final = 8_192
_LIVES_S_MAX: Final = 300
_SKEW_S: Final = 30


@dataclass(frozen=True, slots=True)
class _Said:
    client: str
    jti: str
    expires: float


class Assertions:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database, directory: Directory, clock: Clock, settings: CallerSettings) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._settings = settings
        # Checked for clients that do not exist, so that they are no quicker than those that do.
        self._nobody = ECKey.generate_key("P-256")

    def client(self, assertion: str) -> CallerRow | None:
        """The client whose assertion this is, once: the same one again is nobody's. Raises Busy, SQLAlchemyError."""
        if len(assertion) > ASSERTION_LENGTH_MAX:
            return None
        name = claimed(assertion)
        row = self._directory.active(name)
        keys = [] if row is None else [import_key(orjson.loads(key.jwk or "{}")) for key in self._keys(row)]
        said = self._check(assertion, name, keys or [self._nobody])
        if row is None or not keys or said is None:
            return None
        digest = hashlib.sha256(orjson.dumps([said.client, said.jti])).digest()
        expires_at = instant(dt.datetime.fromtimestamp(said.expires + _SKEW_S, dt.UTC))
        with self._database.write() as connection:
            first = rows.hear(connection, digest, expires_at, instant(self._clock()))
        return row if first else None

    def _keys(self, row: CallerRow) -> list[rows.CallerKey]:
        return self._directory.public_keys(row.name)

    def _check(self, assertion: str, name: str, keys: list[Key]) -> _Said | None:
        read = next((token for key in keys if (token := _decoded(assertion, key)) is not None), None)
        if read is None:
            return None
        said, now_s = read.claims, self._clock().timestamp()
        expires, before, jti = said.get("exp"), said.get("nbf", 0), said.get("jti")
        sound = (
            said.get("iss") == said.get("sub") == name
            # One audience, and that is the issuer: an assertion made for another server is not for us (RFC 9700).
            and said.get("aud") in (self._settings.issuer, [self._settings.issuer])
            and isinstance(expires, int | float)
            and isinstance(before, int | float)
            and isinstance(jti, str)
            and 0 < len(jti) <= 128
            and now_s - _SKEW_S < expires <= now_s + _LIVES_S_MAX + _SKEW_S
            and before <= now_s + _SKEW_S
        )
        return _Said(name, jti, float(expires)) if sound else None  # type: ignore[arg-type]  # checked above


def _decoded(assertion: str, key: Key) -> jwt.Token | None:
    """With one key at a time: which one signed need not be said, and what a header says of it is not believed."""
    try:
        return jwt.decode(assertion, key, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def claimed(assertion: str) -> str:
    """Who the assertion says it is of, believed only to find keys and to count failures."""
    if len(assertion) > ASSERTION_LENGTH_MAX:
        return ""
    try:
        claims: Any = orjson.loads(jws.extract_compact(assertion.encode()).payload)
        return str(claims["sub"])[:64]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, UnicodeError):
        return ""
