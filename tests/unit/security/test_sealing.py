import hmac
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import JsonObject
from gateway.security.keyring import Keyring
from gateway.security.sealing import NONCE_BYTES, CannotOpen, Vault

KEYS = Keyring.generate()
VAULT = Vault(KEYS)
KEY, WRAPPED = VAULT.new_key()
PLACE = {"table": "workers", "row": "0190-1", "fields": "identity"}
SECRET: JsonObject = {"basic": {"full_name": "LÒ THỊ MAI", "personal_number": "012194000123"}}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@given(VALUES)
def test_what_was_sealed_opens_as_it_was(value):
    assert KEY.open(KEY.seal(value, **PLACE), **PLACE) == value


@pytest.mark.parametrize(
    "elsewhere", [{"table": "observations"}, {"row": "0190-2"}, {"fields": "fields"}, {"table": "event"}]
)
def test_a_box_moved_elsewhere_does_not_open(elsewhere):
    with pytest.raises(CannotOpen):
        KEY.open(KEY.seal(SECRET, **PLACE), **{**PLACE, **elsewhere})


def test_a_box_of_another_person_does_not_open():
    other, _ = VAULT.new_key()
    with pytest.raises(CannotOpen):
        other.open(KEY.seal(SECRET, **PLACE), **PLACE)


def test_a_box_is_bound_to_the_name_of_its_key():
    with pytest.raises(CannotOpen):
        replace(KEY, key_id="another").open(KEY.seal(SECRET, **PLACE), **PLACE)


def test_no_bit_of_a_box_can_be_flipped():
    box = KEY.seal({"a": 1}, **PLACE)
    for at in range(len(box) * 8):
        changed = bytearray(box)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(CannotOpen):
            KEY.open(bytes(changed), **PLACE)


@given(st.binary(max_size=64))
def test_bytes_that_are_no_box_do_not_open(box):
    with pytest.raises(CannotOpen):
        KEY.open(box, **PLACE)


def test_the_refusal_says_where_and_not_what():
    with pytest.raises(CannotOpen, match=r"^workers/identity$") as refusal:
        KEY.open(KEY.seal(SECRET, **PLACE)[:-1], **PLACE)
    assert refusal.value.__suppress_context__


def test_sealing_twice_gives_two_boxes():
    boxes = {KEY.seal(SECRET, **PLACE) for _ in range(50)}
    assert len({box[:NONCE_BYTES] for box in boxes}) == 50


def test_a_box_shows_nothing_of_its_content():
    box = KEY.seal(SECRET, **PLACE)
    assert b"MAI" not in box
    assert b"012194000123" not in box


def test_a_wrapped_key_opens_what_the_key_sealed():
    again = Vault(KEYS).unwrap(KEY.key_id, WRAPPED)
    assert again.open(KEY.seal(SECRET, **PLACE), **PLACE) == SECRET
    assert again.state_hash(SECRET) == KEY.state_hash(SECRET)


def test_a_wrapped_key_of_another_row_does_not_unwrap():
    other, _ = VAULT.new_key()
    with pytest.raises(CannotOpen):
        VAULT.unwrap(other.key_id, WRAPPED)


def test_another_house_cannot_unwrap_a_key():
    with pytest.raises(CannotOpen):
        Vault(Keyring.generate()).unwrap(KEY.key_id, WRAPPED)


@pytest.mark.parametrize(
    "wrapped",
    [b"", WRAPPED[:-1], WRAPPED + b"\0", bytes([WRAPPED[0] ^ 1]) + WRAPPED[1:]],
    ids=["empty", "short", "long", "altered"],
)
def test_a_damaged_wrapped_key_does_not_unwrap(wrapped):
    with pytest.raises(CannotOpen):
        VAULT.unwrap(KEY.key_id, wrapped)


def test_rotating_the_other_keys_leaves_what_is_sealed():
    rotated = replace(Keyring.generate(), key_encryption=KEYS.key_encryption)
    assert Vault(rotated).unwrap(KEY.key_id, WRAPPED).open(KEY.seal(SECRET, **PLACE), **PLACE) == SECRET


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), LEAVES | st.lists(LEAVES)))
def test_a_state_hash_is_an_hmac_over_canonical_json(state):
    assert KEY.state_hash(state) == hmac.digest(KEY.hash_key, rfc8785.dumps(state), "sha256")


def test_two_people_in_the_same_state_have_different_hashes():
    other, _ = VAULT.new_key()
    assert other.state_hash(SECRET) != KEY.state_hash(SECRET)
    assert KEY.state_hash({"b": 1, "a": 2}) == KEY.state_hash({"a": 2, "b": 1})


def test_the_key_that_hashes_is_not_the_key_that_seals():
    assert len(KEY.hash_key) == 32
    plain = VAULT._wrappers[0].decrypt(WRAPPED[:NONCE_BYTES], WRAPPED[NONCE_BYTES:], KEY.key_id.encode())
    assert plain != KEY.hash_key


@given(st.tuples(TEXT, TEXT), st.tuples(TEXT, TEXT))
def test_two_senders_keys_never_meet(one, other):
    assert (VAULT.sender_key_index(*one) == VAULT.sender_key_index(*other)) == (one == other)


def test_a_sender_may_contain_what_separates():
    assert VAULT.sender_key_index("a|b", "c") != VAULT.sender_key_index("a", "b|c")


def test_an_index_depends_on_kind_value_and_house():
    found = {
        VAULT.index("personal_number", "012194000123"),
        VAULT.index("cmnd", "012194000123"),
        VAULT.index("personal_number", "012194000124"),
        Vault(Keyring.generate()).index("personal_number", "012194000123"),
    }
    assert len(found) == 4
    assert VAULT.index("cmnd", "1") == Vault(KEYS).index("cmnd", "1")


def test_indexes_asked_for_by_many_threads_at_once_are_each_the_hmac_of_their_own_value():
    values = [str(number) for number in range(2_000)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda value: VAULT.index("cmnd", value), values))
    assert found == [hmac.digest(KEYS.index, f"cmnd|{value}".encode(), "sha256") for value in values]


def test_keys_and_nonces_of_new_people_are_never_the_same_bytes():
    made = [VAULT.new_key() for _ in range(500)]
    assert len({key.hash_key for key, _ in made}) == len({key.key_id for key, _ in made}) == 500
    assert len({wrapped[:NONCE_BYTES] for _, wrapped in made}) == 500


def test_a_body_is_recognised_only_by_this_house():
    assert (
        VAULT.body_digest(b"body") == Vault(KEYS).body_digest(b"body") != Vault(Keyring.generate()).body_digest(b"body")
    )


def test_no_repr_shows_a_key():
    shown = repr(KEY) + str(KEY) + repr(VAULT) + repr(VAULT.__dict__)
    for secret in (
        KEY.hash_key,
        *(getattr(KEYS, name) for name in KEYS.__slots__ if name not in ("retired", "next_index")),
    ):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert KEY.key_id in repr(KEY)
