"""Who calls? The installation's own token, a person's key, or a token that a client got at the token endpoint."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request

from contracts.communes import PROVINCE_CODE
from gateway.callers.attempts import Attempts
from gateway.callers.directory import Directory, may_come_from
from gateway.callers.proofs import NonceNeeded, ProofInvalid, Proofs
from gateway.callers.tokens import Tokens
from gateway.errors import NotPermitted
from gateway.permissions import ROLES, Caller

KEY_PREFIX: Final = "lgsp_"
_BEARER: Final = "bearer"
_PROOF: Final = "dpop"
_FAILED: Final = frozenset({"token-invalid", "proof-invalid"})


class CallerCheck:
    """What is secret is compared in constant time or by digest, and is nowhere in an answer or a log."""

    def __init__(
        self, token: str | None, directory: Directory, tokens: Tokens, proofs: Proofs, public_url: str | None = None
    ) -> None:
        """`token`: the installation's own, or None where it is switched off."""
        self._token = None if token is None else token.encode()
        self._local = Caller("local", "local", PROVINCE_CODE, "installation", ROLES["installation"].tier)
        self._public_url = public_url
        self._directory = directory
        self._tokens = tokens
        self.proofs = proofs
        self.attempts = Attempts()

    def caller(self, request: Request) -> Caller:
        """Raises NotPermitted(token-missing | token-invalid | proof-invalid | proof-nonce-needed), Busy; TooMuch in
        place of one more failed attempt from an address with many."""
        try:
            return self._caller(request)
        except NotPermitted as refused:
            if refused.code in _FAILED:
                self.attempts.failed(source_of(request))
            raise

    def _caller(self, request: Request) -> Caller:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        given = given.strip()
        if scheme.lower() == _PROOF:
            return self._proved(request, given)
        if scheme.lower() != _BEARER:
            raise NotPermitted("token-missing", ("Authorization",))
        # Header bytes arrive as latin-1 text; what cannot be encoded so is no token of ours.
        if self._token is not None and hmac.compare_digest(given.encode("latin-1", "replace"), self._token):
            return self._local
        found = (
            self._with_key(given, source_of(request))
            if given.startswith(KEY_PREFIX)
            else self._with_token(given, source_of(request))
        )
        if found is None:
            raise NotPermitted("token-invalid", ("Authorization",))
        return found

    def _with_key(self, key: str, address: str | None) -> Caller | None:
        row = self._directory.holder(key, "cli")
        return row.caller if row is not None and may_come_from(row, address) else None

    def _with_token(self, token: str, address: str | None) -> Caller | None:
        claims = self._tokens.claims(token)
        # A token that is bound to a key is worth nothing without the proof (RFC 9449 section 7.2).
        return None if claims is None or claims.thumbprint is not None else self._tokens.holder(claims, address)

    def _proved(self, request: Request, token: str) -> Caller:
        claims = self._tokens.claims(token)
        if claims is None or claims.thumbprint is None:
            raise NotPermitted("token-invalid", ("Authorization",))
        if prove(self.proofs, request, token, self._public_url) != claims.thumbprint:
            raise NotPermitted("proof-invalid", ("DPoP",))
        found = self._tokens.holder(claims, source_of(request))
        if found is None:
            raise NotPermitted("token-invalid", ("Authorization",))
        return found


def prove(proofs: Proofs, request: Request, token: str | None, public_url: str | None) -> str:
    """The thumbprint of the key whose proof comes with the request. Raises NotPermitted.

    `public_url`: what stands before the path in the address that the client called, if a proxy changed it.
    """
    given = request.headers.getlist("dpop")
    if len(given) != 1:
        raise NotPermitted("proof-invalid", ("DPoP",))
    url = called(request, request.url.path, public_url)
    try:
        return proofs.check(given[0], request.method, url, token)
    except NonceNeeded:
        raise NotPermitted("proof-nonce-needed", ("DPoP",)) from None
    except ProofInvalid:
        raise NotPermitted("proof-invalid", ("DPoP",)) from None


def called(request: Request, path: str, public_url: str | None) -> str:
    """An address of ours as the client of this request writes it, without query."""
    return str(request.url.replace(path=path, query="", fragment="")) if public_url is None else public_url + path


def source_of(request: Request) -> str | None:
    """The address at the other end of the connection; what a proxy writes into headers is not believed."""
    return None if request.client is None else request.client.host
