"""Keys of callers as they are made and read: secrets that are told once, and public keys of programs."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gateway.callers.directory import digest_of
from gateway.errors import ContractViolated
from gateway.store.callers import KeyKind, Kind

KEY_DAYS_MAX: Final = 366
JWKS_MAX: Final = 8
_RSA_BITS_MIN: Final = 2_048


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it is shown once: `secret` for people; AccessKey and SecretKey for programs of the LGSP profile."""

    key_id: str
    kind: KeyKind
    expires_at: str
    secret: str | None = None
    access_key: str | None = None
    secret_key: str | None = None

    @property
    def digest(self) -> bytes:
        """What is kept of it."""
        return digest_of(self.secret if self.secret is not None else f"{self.access_key}:{self.secret_key}")


def make_key(holder: Kind, expires_at: str) -> IssuedKey:
    """A new one; 256 random bits are secret in each."""
    key_id = secrets.token_hex(8)
    if holder == "person":
        return IssuedKey(key_id, "cli", expires_at, secret=f"lgsp_{secrets.token_urlsafe(32)}")
    access, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    return IssuedKey(key_id, "lgsp", expires_at, access_key=access, secret_key=secret)


def read_public_keys(jwks: Mapping[str, Any]) -> dict[str, str]:
    """Key id, which is the beginning of the thumbprint (RFC 7638) -> public JWK.

    Raises ContractViolated(caller-invalid) for private, weak or unreadable keys.
    """
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not 1 <= len(listed) <= JWKS_MAX:
        raise ContractViolated("caller-invalid", ("keys", f"1..{JWKS_MAX}"))
    found: dict[str, str] = {}
    for jwk in listed:
        try:
            key = import_key(jwk)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ContractViolated("caller-invalid", ("keys", "JWK (RFC 7517)")) from None
        if not isinstance(key, ECKey | OKPKey | RSAKey) or key.is_private:
            raise ContractViolated("caller-invalid", ("keys", "public EC, OKP or RSA"))
        if isinstance(key, RSAKey) and key.raw_value.key_size < _RSA_BITS_MIN:
            raise ContractViolated("caller-invalid", ("keys", f"RSA >= {_RSA_BITS_MIN}"))
        found[_key_id(key.thumbprint())] = orjson.dumps(key.as_dict(private=False)).decode()
    return found


def _key_id(thumbprint: str) -> str:
    return base64.urlsafe_b64decode(thumbprint + "=")[:16].hex()
