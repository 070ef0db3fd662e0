"""Tokens over HTTP: the strong profile with its proofs, and the platform's own.

Numbers are those of the testable requirements of the security design.
"""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.integration.api_door import ApiDoor, check_problem, opened
from tests.integration.callers_world import (
    ISSUER,
    Program,
    administrators,
    ask_for_lgsp_token,
    client_of,
    confirmed,
    door,
    gone,
    lgsp_header,
    proposed,
)

__all__ = ["administrators", "door"]


@pytest.fixture(scope="module")
def program(door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]) -> Program:
    confirmed(proposed(door, "client", name="bhxh", role="system"))
    made = Program(door, "bhxh")
    made.hand_over()
    return made


def test_a_program_proves_itself_and_its_token_works_with_a_proof_alone(program: Program) -> None:
    token = program.token()
    assert program.get("/v1/rules", token).status_code == 200
    as_bearer = program.door.http.get("/v1/rules", headers={"Authorization": f"Bearer {token}"})
    check_problem(as_bearer, 401, "token-invalid")  # requirement 10
    check_problem(program.door.http.get("/v1/rules", headers={"Authorization": f"DPoP {token}"}), 401, "proof-invalid")


def test_the_same_proof_is_believed_once_however_many_send_it_at_once(program: Program) -> None:
    """Requirement 11."""
    token = program.token()
    proof = program.proof("GET", "/v1/rules", token)
    with ThreadPoolExecutor(8) as together:
        answers = list(together.map(lambda _: program.get("/v1/rules", token, proof).status_code, range(8)))
    assert sorted(answers) == [200, *[401] * 7]


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "POST"},
        {"htu": "http://127.0.0.1:1/v1/rules"},
        {"ath": "AAAA"},
        {"iat": 1},
        {"jti": ""},
        {"iat": "now"},
    ],
)
def test_a_proof_of_something_else_is_refused(program: Program, changes: dict[str, Any]) -> None:
    token = program.token()
    answer = program.get("/v1/rules", token, program.proof("GET", "/v1/rules", token, **changes))
    check_problem(answer, 401, "proof-invalid")


def test_a_proof_without_this_processs_nonce_is_told_it(program: Program) -> None:
    """RFC 9449 section 9: otherwise a client would be at a loss as soon as the nonce turns."""
    token = program.token()
    answer = program.get("/v1/rules", token, program.proof("GET", "/v1/rules", token, nonce="of-before"))
    check_problem(answer, 401, "proof-nonce-needed")
    assert "use_dpop_nonce" in answer.headers["WWW-Authenticate"]
    again = program.proof("GET", "/v1/rules", token, nonce=answer.headers["DPoP-Nonce"])
    assert program.get("/v1/rules", token, again).status_code == 200


def test_a_proof_of_another_key_does_not_serve_the_token(program: Program) -> None:
    token = program.token()
    thief = Program(program.door, program.name)
    thief.nonce = program.nonce
    check_problem(program.get("/v1/rules", token, thief.proof("GET", "/v1/rules", token)), 401, "proof-invalid")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "urn:another:server"},
        {"aud": [ISSUER, "urn:another:server"]},
        {"iss": "somebody-else"},
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"exp": None},
        {"jti": None},
        {"nbf": 9_999_999_998},
        {"exp": "soon"},
    ],
)
def test_an_assertion_that_is_not_for_us_now_is_refused(program: Program, changes: dict[str, Any]) -> None:
    """Requirement 9."""
    answer = program.ask_for_token(program.assertion(**changes))
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_unknown_client_wrong_key_and_a_repeated_assertion_read_the_same(program: Program) -> None:
    """Requirement 12."""
    assertion = program.assertion()
    program.ask_for_token(assertion)
    answers = [
        program.ask_for_token(assertion),
        Program(program.door, "nobody").ask_for_token(),
        Program(program.door, "bhxh").ask_for_token(),
        program.ask_for_token("not.a.token"),
        program.ask_for_token(""),
    ]
    assert {(one.status_code, one.text) for one in answers} == {(401, '{"error":"invalid_client"}')}


def _with_header(token: str, **header: Any) -> str:
    head, rest = token.split(".", 1)
    said = orjson.loads(base64.urlsafe_b64decode(head + "=="))
    changed = base64.urlsafe_b64encode(orjson.dumps({**said, **header})).rstrip(b"=").decode()
    return f"{changed}.{rest}"


def test_tricks_with_tokens_are_refused(program: Program) -> None:
    """Requirement 8: none, confusion of HS and ES, jwk, jku and kid, spellings of base64url."""
    token = program.token()
    public = orjson.dumps(program.key.as_dict(private=False))
    confused = jwt.encode(
        {"alg": "HS256"}, jwt.decode(program.assertion(), program.key).claims, OctKey.import_key(public)
    )
    for forged in (
        confused,
        _with_header(program.assertion(), alg="none"),
        _with_header(program.assertion(), alg="none").rsplit(".", 1)[0] + ".",
        _with_header(program.assertion(), jwk=program.proof_key.as_dict(private=False)),
    ):
        assert program.ask_for_token(forged).json() == {"error": "invalid_client"}
    last = "B" if token[-1] == "A" else "A"
    for forged in (
        _with_header(token, alg="none").rsplit(".", 1)[0] + ".",
        _with_header(token, alg="ES256"),
        _with_header(token, kid="../../etc/passwd"),
        _with_header(token, jku="http://127.0.0.1:9/jwks"),
        token + "=",
        token[:-1] + last,
        token.replace(".", "..", 1),
        "é" * 20,
    ):
        answer = program.door.http.get(
            "/v1/rules",
            headers=[
                (b"Authorization", b"DPoP " + forged.encode("latin-1")),
                (b"DPoP", program.proof("GET", "/v1/rules").encode()),
            ],
        )
        check_problem(answer, 401, "token-invalid")


def test_a_token_in_the_address_is_not_looked_at(program: Program) -> None:
    """Requirement 10."""
    answer = program.door.http.get(f"/v1/rules?access_token={program.token()}", headers={"Authorization": ""})
    check_problem(answer, 401, "token-missing")


def test_keys_rotate_by_a_set_with_both_and_then_the_new_one_alone(program: Program) -> None:
    new = Program(program.door, "bhxh")
    program.hand_over(new)
    assert program.token()
    assert new.token()
    program.hand_over()
    assert new.ask_for_token().json() == {"error": "invalid_client"}
    assert program.token()


@pytest.mark.parametrize("bad", [[], [{"kty": "oct", "k": "AAAA"}], ["x"], [{}], [{"kty": "EC", "crv": "P-256"}]])
def test_public_keys_that_are_none_are_refused(program: Program, bad: list[Any]) -> None:
    check_problem(program.door.http.put("/v1/callers/bhxh/jwks", json={"keys": bad}), 422, "caller-invalid")


def test_a_private_key_is_not_taken(program: Program) -> None:
    bad = {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}
    check_problem(program.door.http.put("/v1/callers/bhxh/jwks", json=bad), 422, "caller-invalid")


# --- the platform's own profile -------------------------------------------------------------------------------------


def test_the_lgsp_profile_gives_a_bearer_token_that_ends_with_its_key(program: Program) -> None:
    door = program.door
    made = confirmed(door.http.post("/v1/callers/bhxh/keys", json={"days": 30}))
    answer = ask_for_lgsp_token(door, lgsp_header(made["access_key"], made["secret_key"]))
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    assert answer.json()["expires_in"] <= 3_600
    assert answer.headers["Cache-Control"] == "no-store"
    caller = client_of(door, f"Bearer {answer.json()['access_token']}")
    assert caller.get("/v1/whoami").json()["name"] == "bhxh"
    door.http.delete(f"/v1/callers/bhxh/keys/{made['key_id']}")
    assert gone(lambda: caller.get("/v1/whoami")) == "token-invalid"


@pytest.mark.parametrize("header", ["", "x", "bm90IGpzb24=", base64.b64encode(b"[]").decode(), lgsp_header("a", "b")])
def test_a_wrong_access_header_gets_no_token(program: Program, header: str) -> None:
    assert ask_for_lgsp_token(program.door, header).json() == {"error": "invalid_client"}


def test_what_a_grant_is_not_is_told_in_oauths_words(door: ApiDoor) -> None:
    for path in ("/token", "/oauth2/token"):
        assert door.http.post(path, data={"grant_type": "password"}).json() == {"error": "unsupported_grant_type"}
        assert door.http.post(path, data={"grant_type": ["client_credentials"] * 2}).json() == {
            "error": "invalid_request"
        }
        check_problem(door.http.post(path, json={}), 415, "unsupported-media-type")


def test_the_metadata_names_the_token_endpoint(door: ApiDoor) -> None:
    found = door.http.get("/.well-known/oauth-authorization-server", headers={"Authorization": ""}).json()
    assert found["token_endpoint"].endswith("/oauth2/token")
    assert found["issuer"] == ISSUER


def test_behind_a_proxy_a_proof_names_the_address_that_the_client_called(tmp_path: Path) -> None:
    public = "https://lgsp.example"
    with opened(tmp_path, f"sqlite:///{tmp_path / 'lgsp.sqlite3'}", LGSP_CALLERS__PUBLIC_URL=public) as door:
        found = door.http.get("/.well-known/oauth-authorization-server").json()
        assert found["token_endpoint"] == f"{public}/oauth2/token"
        door.http.post("/v1/agencies", json={"code": "H35.1", "name": "x"})
        assert proposed(door, "client", name="behind", role="system").status_code == 201
        program = Program(door, "behind", address=public)
        program.hand_over()
        assert program.get("/v1/rules", program.token()).status_code == 200
        program.address = str(door.http.base_url).rstrip("/")
        assert program.ask_for_token().json() == {"error": "invalid_dpop_proof"}
