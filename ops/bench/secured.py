"""Row 1 once more, by who calls: what it costs to know a caller by a Bearer token, and by a token with a DPoP proof.

"Without" is the installation's own token, which is compared and belongs to nobody: no look-up, no rate, no proof. All
three kinds of caller take turns on one server.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final
from uuid import uuid4

import httpx
import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import Server, ours
from ops.bench.single import CLIENTS
from ops.bench.sizes import Sizes

ISSUER: Final = "urn:lgsp:laichau:connector"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_PROGRAMS: Final = 8
"""Each may ask 200 times a second, so that together they are held up by the server alone."""
_PER_S_MAX: Final = 1_500
_NAMES: Final = ("per_s", "p50_ms", "p99_ms")
_TITLES: Final = {
    "token": "the installation's own token",
    "bearer": "Bearer tokens of the LGSP profile",
    "dpop": "tokens of the strong profile, a new DPoP proof each",
}


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """A row for each kind of caller, with its share of what goes through without."""
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in _TITLES}
    server = ours(place.folder, place.new_database(), CALLERS__ISSUER=ISSUER)
    try:
        with closing(_Agency(server)) as agency:
            for number in range(sizes.rounds + 1):
                for at, name in enumerate(_TITLES):
                    count = int(sizes.round_s * _PER_S_MAX)
                    first = (number * len(_TITLES) + at) * count
                    load = Load(0, "", "entries", first, count, CLIENTS, sizes.round_s, (), agency.heads(name, count))
                    told = server.measure(load)
                    server.settle()
                    # The first round warms up.
                    if number:
                        rounds[name].append({figure: told[figure] for figure in _NAMES})
    finally:
        server.stop()
    for name, title in _TITLES.items():
        row = Row(1, f"single entries, {title}", place.kind, median_of(rounds[name], _NAMES), rounds=rounds[name])
        if name != "token":
            row.ratios = {"of without": median_ratio(rounds[name], rounds["token"], "per_s", "per_s")}
        yield row


class _Agency:
    """Programs of another agency, each with a token of both profiles."""

    def __init__(self, server: Server) -> None:
        self._address = f"http://127.0.0.1:{server.port}"
        self._http = httpx.Client(base_url=self._address, timeout=30, trust_env=False)
        self._http.headers["Authorization"] = f"Bearer {server.token}"
        names = [f"program-{number}" for number in range(_PROGRAMS)]
        self._keys = {name: ECKey.generate_key("P-256") for name in names}
        self._proof_key = ECKey.generate_key("P-256")
        self._nonce = ""
        self._done(self._http.post("/v1/agencies", json={"code": "H35.1", "name": "Bench"}))
        self._bearer = [self._lgsp_token(name) for name in names]

    def close(self) -> None:
        """Give back the connection."""
        self._http.close()

    def heads(self, kind: str, count: int) -> tuple[str, ...]:
        """Header lines, a block for each request in turn; none for the installation's token."""
        if kind == "token":
            return ()
        if kind == "bearer":
            return tuple(f"Authorization: Bearer {one}\r\n" for one in self._bearer)
        tokens = itertools.cycle([self._bound_token(name) for name in self._keys])
        return tuple(self._proved(token) for token in itertools.islice(tokens, count))

    def _lgsp_token(self, name: str) -> str:
        rights = {"kind": "client", "name": name, "agency": "H35.1", "unit": "12", "role": "system"}
        self._done(self._http.post("/v1/callers", json=rights))
        keys = {"keys": [self._keys[name].as_dict(private=False)]}
        self._done(self._http.put(f"/v1/callers/{name}/jwks", json=keys))
        made = self._done(self._http.post(f"/v1/callers/{name}/keys", json={}))
        said = {"AccessKey": made["access_key"], "SecretKey": made["secret_key"], "AppName": "bench"}
        header = base64.b64encode(orjson.dumps({**said, "PartnerCode": "H35", "PartnerCodeCus": "H35"})).decode()
        asked = {"lgspaccesstoken": header, "Authorization": ""}
        answer = self._http.post("/token", data={"grant_type": "client_credentials"}, headers=asked)
        return str(self._done(answer)["access_token"])

    def _bound_token(self, name: str) -> str:
        answer = self._asked(name)
        if answer.status_code != httpx.codes.OK:
            # The first proof lacks the server's nonce, and is answered with it.
            answer = self._asked(name)
        return str(self._done(answer)["access_token"])

    def _asked(self, name: str) -> httpx.Response:
        now = int(time.time())
        claims = {"iss": name, "sub": name, "aud": ISSUER, "jti": uuid4().hex, "iat": now, "exp": now + 60}
        assertion = jwt.encode({"alg": "ES256"}, claims, self._keys[name])
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        headers = {"DPoP": self._proof("/oauth2/token"), "Authorization": ""}
        answer = self._http.post("/oauth2/token", data={**form, "client_assertion": assertion}, headers=headers)
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)
        return answer

    def _proved(self, token: str) -> str:
        return f"Authorization: DPoP {token}\r\nDPoP: {self._proof('/v1/entries', token)}\r\n"

    def _proof(self, path: str, token: str | None = None) -> str:
        claims: dict[str, Any] = {"jti": uuid4().hex, "htm": "POST", "htu": self._address + path}
        claims |= {"iat": int(time.time()), "nonce": self._nonce}
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self._proof_key.as_dict(private=False)}
        return jwt.encode(header, claims, self._proof_key)

    def _done(self, answer: httpx.Response) -> dict[str, Any]:
        if not answer.is_success:
            raise RuntimeError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
        told: dict[str, Any] = answer.json()
        return told
