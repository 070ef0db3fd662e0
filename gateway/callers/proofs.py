"""Proof of possession (DPoP, RFC 9449): each request carries a JWT signed with the key that its token is bound to.

A proof is believed once. That needs no shared table: a proof must carry this process's nonce (section 8), which no
other process accepts, so the proofs that this process has heard lately are all there is to compare with.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, import_key

from gateway.clock import Clock

ALGORITHMS: Final = ("ES256", "Ed25519", "EdDSA")
PROOF_LENGTH_MAX: Final = 4_096
NONCE_LIVES_S: Final = 120
_TYPE: Final = "dpop+jwt"
_AGE_S_MAX: Final = 120
_SKEW_S: Final = 30


class NonceNeeded(Exception):
    """The proof is sound but for its nonce; the caller proves again with the one in the answer."""


class ProofInvalid(Exception):
    """No proof of this request by this key, or one that was heard before."""


class Proofs:
    """Safe from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: tuple[set[bytes], set[bytes]] = (set(), set())
        self._nonces = (secrets.token_urlsafe(16), secrets.token_urlsafe(16))
        self._turned_s = clock().timestamp()

    @property
    def nonce(self) -> str:
        """What the next proof must carry."""
        with self._lock:
            self._turn()
            return self._nonces[0]

    def check(self, proof: str, method: str, url: str, token: str | None) -> str:
        """The thumbprint (RFC 7638) of the key that proved. `token`: whose hash the proof must carry.

        Raises ProofInvalid, NonceNeeded.
        """
        if len(proof) > PROOF_LENGTH_MAX:
            raise ProofInvalid
        header, claims, thumbprint = _read(proof)
        if header.get("typ") != _TYPE or claims.get("htm") != method or _bare(claims.get("htu")) != url:
            raise ProofInvalid
        issued, now_s = claims.get("iat"), self._clock().timestamp()
        if not isinstance(issued, int | float) or not now_s - _AGE_S_MAX <= issued <= now_s + _SKEW_S:
            raise ProofInvalid
        if token is not None and claims.get("ath") != _hash(token):
            raise ProofInvalid
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= 128:
            raise ProofInvalid
        self._once(str(claims.get("nonce", "")), f"{thumbprint}\0{jti}")
        return thumbprint

    def _once(self, nonce: str, proof_id: str) -> None:
        digest = hashlib.sha256(proof_id.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            self._turn()
            if nonce not in self._nonces:
                raise NonceNeeded
            if any(digest in heard for heard in self._heard):
                raise ProofInvalid
            self._heard[0].add(digest)

    def _turn(self) -> None:
        """A nonce serves for one period and the next; what was heard is kept as long as a nonce of its time holds."""
        now_s = self._clock().timestamp()
        if now_s - self._turned_s >= NONCE_LIVES_S:
            self._turned_s = now_s
            self._nonces = (secrets.token_urlsafe(16), self._nonces[0])
            self._heard = (set(), self._heard[0])


def _read(proof: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    try:
        head = proof.split(".", 1)[0]
        said = _header(head)
        jwk = said["jwk"]
        if not isinstance(jwk, dict) or "d" in jwk or jwk.get("kty") not in ("EC", "OKP"):
            raise ProofInvalid
        key = import_key(jwk)
        if not isinstance(key, ECKey | OKPKey):
            raise ProofInvalid
        read = jwt.decode(proof, key, algorithms=list(ALGORITHMS))
        return read.header, read.claims, key.thumbprint()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ProofInvalid from None


def _header(part: str) -> dict[str, Any]:
    """The first part of a JWT, unchecked. Raises ValueError."""
    found = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found if isinstance(found, dict) else {}


def _bare(url: object) -> str:
    return str(url).split("?", 1)[0].split("#", 1)[0]


def _hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
