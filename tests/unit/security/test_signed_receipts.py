"""A signed receipt that was changed anywhere is no receipt any more, and nothing can be guessed from it."""

from __future__ import annotations

import hashlib
import random
from typing import Any, Final

import orjson
import pytest

from gateway.security.merkle import path, root
from gateway.security.signed_receipts import (
    FAULTS,
    SignedReceipt,
    Statement,
    commitment,
    fault_of,
    is_of,
    read_receipt,
    root_message,
    submitted,
)
from gateway.security.signing import PublicKeys, Signer

SIGNER: Final = Signer(bytes(range(32)))
KEYS: Final = PublicKeys([SIGNER.public_pem().encode()])
BATCH: Final = "0198a000-0000-7000-8000-000000000001"
AT: Final = "2026-07-05T01:02:03.000004Z"
SALT: Final = bytes(range(16))
MUTATIONS: Final = 1_000
SIZE: Final = 11


def entry(number: int) -> dict[str, object]:
    return submitted({"form": "nd318", "declared_on": "2026-07-05"}, {"so_dinh_danh": f"{number:012d}"})


def receipt(leaf: int = 4, signer: Signer = SIGNER) -> SignedReceipt:
    said = [Statement(BATCH, at, "xa-bum-to", AT, commitment(SALT, entry(at)).hex()) for at in range(SIZE)]
    leaves = [one.hash() for one in said]
    signature = signer.sign(root_message(BATCH, SIZE, root(leaves)))
    return SignedReceipt(said[leaf], SALT, SIZE, tuple(path(leaves, leaf)), signer.key_id, signature)


@pytest.mark.parametrize("leaf", range(SIZE))
def test_a_genuine_receipt_is_found_genuine_and_names_its_entry(leaf: int) -> None:
    read = read_receipt(orjson.loads(orjson.dumps(receipt(leaf).body())))
    assert read == receipt(leaf)
    assert fault_of(receipt(leaf), KEYS.check) is None
    assert is_of(receipt(leaf), entry(leaf))
    assert not is_of(receipt(leaf), entry(leaf + 1))


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_every_change_of_a_receipt_is_found(seed: int) -> None:
    """Requirement 38, of receipts."""
    draw = random.Random(seed)
    text = bytearray(orjson.dumps(receipt().body()))
    text[draw.randrange(len(text))] ^= 1 << draw.randrange(8)
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    read = read_receipt(value)
    # The salt is no part of what is signed: it opens the commitment. Hex in capitals says the same.
    if read is not None and fault_of(read, KEYS.check) is None:
        assert read == receipt() or (read.salt != SALT and not is_of(read, entry(4)))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"signature": "00" * 64}, "signature"),
        ({"path": []}, "path"),
        ({"size": SIZE - 1}, "signature"),
        ({"key_id": "0" * 16}, "key-unknown"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, object], fault: str) -> None:
    read = read_receipt({**receipt().body(), **changed})
    assert read is not None
    assert fault_of(read, KEYS.check) == fault
    assert fault in FAULTS


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"kind": "lgsp receipt"},
        {**receipt().body(), "more": 1},
        {**receipt().body(), "version": 2},
        {**receipt().body(), "size": True},
        {**receipt().body(), "size": 10**30},
        {**receipt().body(), "path": ["zz"]},
        {**receipt().body(), "path": ["00"] * 99},
        {**receipt().body(), "statement": []},
        {**receipt().body(), "statement": {**receipt().statement.body(), "leaf": -1}},
        {**receipt().body(), "statement": {**receipt().statement.body(), "leaf": "4"}},
        {**receipt().body(), "statement": {**receipt().statement.body(), "sender": None}},
        {**receipt().body(), "salt": "\ud800"},
    ],
)
def test_what_is_no_receipt_is_told_so(value: object) -> None:
    assert read_receipt(value) is None


def test_a_receipt_without_its_salt_is_genuine_and_tells_of_no_entry() -> None:
    read = read_receipt({**receipt().body(), "salt": ""})
    assert read is not None
    assert fault_of(read, KEYS.check) is None
    assert not any(is_of(read, entry(number)) for number in range(SIZE))


def test_another_signer_is_not_believed() -> None:
    assert fault_of(receipt(signer=Signer(bytes(32))), KEYS.check) == "key-unknown"


def test_nobody_guesses_a_number_from_a_receipt_without_its_salt() -> None:
    """Requirement 27: an unsalted hash of an entry that is known but for a number falls to trying all numbers."""
    told = orjson.dumps(receipt().statement.body()).decode()
    bare = hashlib.sha256(orjson.dumps(entry(4), option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert bare not in told
    assert len({commitment(bytes([salt]) * 16, entry(4)) for salt in range(5)}) == 5
