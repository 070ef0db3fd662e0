"""Callers for tests: people with keys, and a program of another agency as its programmers would write it."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.integration.api_door import PURPOSE, ApiDoor, opened

ISSUER: Final = "urn:lgsp:laichau:connector"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FOUND_OUT_S: Final = 5.0
_KEYS: Final[dict[str, str]] = {}
_CLIENTS: Final[list[httpx.Client]] = []


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDoor]:
    folder = tmp_path_factory.mktemp("callers")
    with opened(folder, f"sqlite:///{folder / 'lgsp.sqlite3'}") as found:
        assert found.http.post("/v1/agencies", json={"code": "H35.1", "name": "Công an tỉnh"}).status_code == 200
        yield found
        while _CLIENTS:
            _CLIENTS.pop().close()


def proposed(door: ApiDoor, kind: str = "person", by: Any = None, **rights: str) -> httpx.Response:
    wanted = {"kind": kind, "agency": "H35.1", "unit": "12", "role": "operator", **rights}
    return (by or door.http).post("/v1/callers", json=wanted)


def client_of(door: ApiDoor, authorization: str) -> httpx.Client:
    headers = {"Authorization": authorization, "Accept-Language": "en", **PURPOSE}
    _CLIENTS.append(httpx.Client(base_url=str(door.http.base_url), headers=headers, timeout=30, trust_env=False))
    return _CLIENTS[-1]


def confirmed(answer: httpx.Response) -> dict[str, Any]:
    """What an order came to once the second administrator confirmed it, where it needed that."""
    assert answer.status_code in (201, 202), answer.text
    body: dict[str, Any] = answer.json()
    if answer.status_code == 201:
        return body
    headers = {"Authorization": f"Bearer {_KEYS['second']}"}
    url = answer.request.url.copy_with(path=f"/v1/proposals/{body['proposal']}/confirm", query=None)
    said = httpx.post(url, headers=headers, trust_env=False, timeout=30)
    assert said.status_code == 200, said.text
    found: dict[str, Any] = said.json()
    return found


def person(door: ApiDoor, name: str, **rights: str) -> httpx.Client:
    """A caller with a key, whoever has to confirm it."""
    confirmed(proposed(door, name=name, **rights))
    _KEYS[name] = confirmed(door.http.post(f"/v1/callers/{name}/keys", json={}))["secret"]
    return client_of(door, f"Bearer {_KEYS[name]}")


@pytest.fixture(scope="module")
def administrators(door: ApiDoor) -> tuple[httpx.Client, httpx.Client]:
    """The first two, whom the installation's own token makes alone; from then on two people are needed."""
    first = person(door, "first", role="administrator")
    second = person(door, "second", role="administrator")
    return first, second


def gone(ask: Callable[[], httpx.Response]) -> str:
    deadline_s = time.monotonic() + FOUND_OUT_S
    while time.monotonic() < deadline_s:
        answer = ask()
        if answer.status_code == 401:
            return str(answer.json()["code"])
    return "still let in"


class Program:
    """A client of another agency with a key of its own, as its programmers would write it."""

    def __init__(self, door: ApiDoor, name: str, address: str | None = None) -> None:
        self.door = door
        self.name = name
        self.key = ECKey.generate_key("P-256")
        self.address = address or str(door.http.base_url).rstrip("/")
        self.proof_key = ECKey.generate_key("P-256")
        self.nonce = ""

    def hand_over(self, *others: Program) -> dict[str, Any]:
        """The public key is put in force, with those of others."""
        keys = {"keys": [one.key.as_dict(private=False) for one in (self, *others)]}
        return confirmed(self.door.http.put(f"/v1/callers/{self.name}/jwks", json=keys))

    def assertion(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {"iss": self.name, "sub": self.name, "aud": ISSUER, "jti": uuid4().hex, "iat": now, "exp": now + 60}
        kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode({"alg": "ES256"}, kept, self.key)

    def proof(self, method: str, path: str, token: str | None = None, **changes: Any) -> str:
        claims: dict[str, Any] = {
            "jti": uuid4().hex,
            "htm": method,
            "htu": self.address + path,
            "iat": int(time.time()),
            "nonce": self.nonce,
        }
        if token is not None:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.proof_key.as_dict(private=False)}
        return jwt.encode(header, {**claims, **changes}, self.proof_key)

    def ask_for_token(self, assertion: str | None = None, proof: str | None = None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
        }
        headers = {"DPoP": proof or self.proof("POST", "/oauth2/token"), "Authorization": ""}
        answer = self.door.http.post("/oauth2/token", data=form, headers=headers)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def token(self) -> str:
        answer = self.ask_for_token()
        if answer.json().get("error") == "use_dpop_nonce":
            answer = self.ask_for_token()
        assert answer.status_code == 200, answer.text
        assert answer.json()["token_type"] == "DPoP"
        assert answer.json()["expires_in"] <= 300
        return str(answer.json()["access_token"])

    def get(self, path: str, token: str, proof: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof or self.proof("GET", path, token)}
        return self.door.http.get(path, headers=headers)

    def lgsp_token(self) -> str:
        """By the platform's own profile, with a new pair of keys."""
        made = confirmed(self.door.http.post(f"/v1/callers/{self.name}/keys", json={}))
        header = lgsp_header(made["access_key"], made["secret_key"])
        answer = ask_for_lgsp_token(self.door, header)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def lgsp_header(access_key: str, secret_key: str) -> str:
    """The header `lgspaccesstoken`."""
    said = {"AccessKey": access_key, "SecretKey": secret_key}
    return base64.b64encode(
        orjson.dumps({**said, "AppName": "x", "PartnerCode": "H35", "PartnerCodeCus": "H35"})
    ).decode()


def ask_for_lgsp_token(door: ApiDoor, header: str) -> httpx.Response:
    """What `POST /token` answers to these keys."""
    headers = {"lgspaccesstoken": header, "Authorization": ""}
    return door.http.post("/token", data={"grant_type": "client_credentials"}, headers=headers)
