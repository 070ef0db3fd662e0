"""Signed receipts through the door: each sender's own, proof that others check with the public key alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from tests.integration.api_door import TOKEN, ApiDoor
from tests.integration.callers_world import administrators, door, person

__all__ = ["administrators", "door"]
COMMUNE: Final = "03388"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: ApiDoor) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LGSP_URL", str(door.http.base_url))
    monkeypatch.setenv("LGSP_TOKEN", TOKEN)
    assert call(["audit", "public-key", "--out", "key.pem"]) == ExitCode.OK


def taken(door: ApiDoor, number: int = 5) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Entries, and the gateway's answers."""
    entries = [door.entry() for _ in range(number)]
    answers = door.http.post("/v1/entries", json={"entries": entries}).json()["receipts"]
    assert all(one["state"] == "accepted" for one in answers)
    return entries, answers


def signed(door: ApiDoor, answer: dict[str, Any]) -> dict[str, Any]:
    proof = answer["proof"]
    (item,) = door.http.get(f"/v1/receipts/{proof['batch']}", params={"leaf": proof["leaf"]}).json()["items"]
    found: dict[str, Any] = item
    return found


def test_whoever_has_the_public_key_can_check_a_receipt_with_nothing_of_ours(door: ApiDoor) -> None:
    """Written from docs/receipts.md, with hashlib and an Ed25519 library alone."""
    entries, answers = taken(door)
    for entry, answer in zip(entries, answers, strict=True):
        one = signed(door, answer)
        said = one["statement"]
        content = {"slip_kind": "collect", "update_source": "procedure", **entry}
        plain = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(bytes.fromhex(one["salt"]) + plain).hexdigest() == said["content"]
        told = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        node, index, last = hashlib.sha256(b"\x00" + told).digest(), said["leaf"], one["size"] - 1
        # RFC 9162, 2.1.3.2
        for step in map(bytes.fromhex, one["path"]):
            if index % 2 or index == last:
                node = hashlib.sha256(b"\x01" + step + node).digest()
                while not index % 2 and index:
                    index, last = index // 2, last // 2
            else:
                node = hashlib.sha256(b"\x01" + node + step).digest()
            index, last = index // 2, last // 2
        key = load_pem_public_key(Path("key.pem").read_bytes())
        assert isinstance(key, Ed25519PublicKey)
        message = f"lgsp receipts v1\n{said['batch']}\n{one['size']}\n{node.hex()}\n".encode()
        key.verify(bytes.fromhex(one["signature"]), message)


def test_the_same_key_again_gives_the_same_proof(door: ApiDoor) -> None:
    entry = {**door.entry(), "key": "asked-again"}
    first, again = (door.http.post("/v1/entries", json=entry).json() for _ in range(2))
    assert first["proof"] == again["proof"]
    assert signed(door, first) == signed(door, again)


def test_a_refused_entry_has_no_receipt_and_one_in_doubt_has(door: ApiDoor) -> None:
    refused = door.http.post("/v1/entries", json={**door.entry(), "declared_on": "2999-01-01"}).json()
    assert "proof" not in str(refused)
    doubted = door.http.post("/v1/entries", json=door.entry(tinh_trang_hdkt="9")).json()
    assert doubted["state"] == "quarantined"
    assert signed(door, doubted)["statement"]["sender"] == "local"


def test_receipts_are_their_senders_alone(door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]) -> None:
    """Requirement 1: another sender's batch reads like a missing one; of a shared one each sees his own."""
    here = person(door, "receipts-here", role="commune_officer", unit=COMMUNE)
    _, answers = taken(door, 1)
    missing = here.get("/v1/receipts/00000000-0000-4000-8000-000000000000")
    theirs = here.get(f"/v1/receipts/{answers[0]['proof']['batch']}")
    assert (theirs.status_code, theirs.json()["code"]) == (missing.status_code, missing.json()["code"])
    assert theirs.status_code == 404


def test_a_sender_without_rights_to_the_person_has_a_receipt_all_the_same(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 1: and learns nothing from it that the neutral answer does not tell."""
    stranger = person(door, "receipts-stranger", role="commune_officer", unit="03439")
    entry = door.entry()
    held = door.http.post("/v1/entries", json=entry).json()
    neutral = stranger.post("/v1/entries", json=entry).json()
    (item,) = stranger.get(f"/v1/receipts/{neutral['proof']['batch']}").json()["items"]
    assert item["statement"]["sender"] == "receipts-stranger"
    assert held["worker_id"] not in orjson.dumps(item).decode()


@pytest.mark.parametrize("batch", ["x", "00000000-0000-4000-8000-00000000000", "%00", "' OR 1=1 --"])
def test_what_is_no_batch_is_not_there(door: ApiDoor, batch: str) -> None:
    """Requirement 23."""
    assert door.http.get(f"/v1/receipts/{batch}").status_code == 404


@pytest.mark.parametrize("leaf", ["-1", "x", "65536", "1e3"])
def test_a_wrong_leaf_is_named(door: ApiDoor, leaf: str) -> None:
    _, answers = taken(door, 1)
    answer = door.http.get(f"/v1/receipts/{answers[0]['proof']['batch']}?leaf={leaf}")
    assert (answer.status_code, answer.json()["fields"]) == (422, ["leaf", "0..65535"])


def test_a_submitted_file_ends_with_a_receipt_for_each_row(door: ApiDoor, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [door.entry() for _ in range(7)]
    Path("phieu.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in entries))
    asked = ["entries", "submit", "phieu.jsonl", "--receipts", "bien-nhan.jsonl", "--chunk", "3"]
    assert call(asked) == ExitCode.OK
    kept = [orjson.loads(line) for line in Path("bien-nhan.jsonl").read_bytes().splitlines()]
    assert [one["row"] for one in kept] == [1, 2, 3, 4, 5, 6, 7]
    assert call(["receipts", "verify", "bien-nhan.jsonl", "--key", "key.pem"]) == ExitCode.OK
    Path("phieu-5.json").write_bytes(orjson.dumps(entries[4]))
    capsys.readouterr()
    told = ["receipts", "verify", "bien-nhan.jsonl", "--key", "key.pem", "--entry", "phieu-5.json", "--json"]
    assert call(told) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["lines_of_entry"] == [5]
    # Asked again, nothing is sent, and the journal still knows the proofs.
    Path("bien-nhan.jsonl").unlink()
    assert call(asked) == ExitCode.OK
    assert [orjson.loads(line) for line in Path("bien-nhan.jsonl").read_bytes().splitlines()] == kept


@pytest.mark.parametrize(("lang", "words"), [("en", "the receipt was changed"), ("vi", "biên nhận đã bị sửa")])
def test_a_changed_receipt_is_told_with_its_line(
    door: ApiDoor, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    _, answers = taken(door, 3)
    batch = answers[0]["proof"]["batch"]
    assert call(["receipts", "fetch", batch, "--out", "some.jsonl"]) == ExitCode.OK
    lines = Path("some.jsonl").read_bytes().splitlines(keepends=True)
    changed = orjson.loads(lines[1])
    changed["statement"]["received_at"] = "2020-01-01T00:00:00.000000Z"
    Path("some.jsonl").write_bytes(lines[0] + orjson.dumps(changed) + b"\n" + lines[2])
    capsys.readouterr()
    assert call(["receipts", "verify", "some.jsonl", "--key", "key.pem", "--lang", lang]) == ExitCode.NOT_VERIFIED
    said = capsys.readouterr().err
    assert words in said
    assert " 2: " in said


def test_another_entry_is_not_that_of_the_receipt(door: ApiDoor) -> None:
    _, answers = taken(door, 1)
    assert call(["receipts", "fetch", answers[0]["proof"]["batch"], "--out", "one.jsonl"]) == ExitCode.OK
    Path("other.json").write_bytes(orjson.dumps(door.entry()))
    asked = ["receipts", "verify", "one.jsonl", "--key", "key.pem", "--entry"]
    assert call([*asked, "other.json"]) == ExitCode.NOT_VERIFIED
    assert call([*asked, "key.pem"]) == ExitCode.FILE
    assert call(["receipts", "verify", "key.pem", "--key", "key.pem"]) == ExitCode.NOT_VERIFIED
