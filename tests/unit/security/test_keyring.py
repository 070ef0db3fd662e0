import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from gateway.security import keyring
from gateway.security.keyring import KEY_BYTES, Keyring, KeysUnusable, load, load_or_create

NAMES = ("key_encryption", "index", "sender_key", "token", "audit")


def document(path):
    return json.loads(path.read_text("utf-8"))


def test_the_first_start_makes_a_file_that_only_its_owner_can_read(tmp_path):
    path = tmp_path / "new" / "keys.json"
    load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wide_umask_does_not_widen_the_file(tmp_path):
    before = os.umask(0)
    try:
        load_or_create(tmp_path / "keys.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_the_next_start_reads_the_same_keys(tmp_path):
    path = tmp_path / "keys.json"
    made = load_or_create(path)
    assert load(path) == made
    assert load_or_create(path) == made


def test_making_keys_leaves_nothing_else_behind(tmp_path):
    load_or_create(tmp_path / "keys.json")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_five_different_keys_of_full_length():
    keys = [getattr(Keyring.generate(), name) for name in NAMES]
    assert len(set(keys)) == 5
    assert {len(key) for key in keys} == {KEY_BYTES}


def test_starting_many_at_once_gives_all_of_them_the_same_keys(tmp_path):
    path, count = tmp_path / "keys.json", 8
    together = Barrier(count)

    def start(_):
        together.wait()
        return load_or_create(path)

    with ThreadPoolExecutor(count) as executor:
        found = list(executor.map(start, range(count)))
    assert len({one.key_encryption for one in found}) == 1
    assert found[0] == load(path)


def test_who_comes_second_takes_the_keys_of_the_first(tmp_path, monkeypatch):
    path = tmp_path / "keys.json"
    publish = keyring._publish

    def beaten(mine, at):
        publish(Keyring.generate(), at)
        publish(mine, at)

    monkeypatch.setattr(keyring, "_publish", beaten)
    assert load_or_create(path) == load(path)
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]


def test_a_file_half_written_is_never_seen(tmp_path, monkeypatch):
    path = tmp_path / "keys.json"

    def torn(_handle):
        assert not path.exists()
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", torn)
    with pytest.raises(KeysUnusable, match=r"keys\.json"):
        load_or_create(path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(KeysUnusable, match="no key file"):
        load(tmp_path / "keys.json")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"key_encryption": 5}', b'{"key_encryption": "AAAA"', b'"text"'],
)
def test_a_malformed_file_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    with pytest.raises(KeysUnusable, match=r"keys\.json"):
        load_or_create(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, "", "AAAA", "not base64!", "A" * 88])
def test_a_key_of_another_length_is_refused(tmp_path, name, value):
    path = tmp_path / "keys.json"
    load_or_create(path)
    path.write_text(json.dumps({**document(path), name: value}))
    with pytest.raises(KeysUnusable):
        load(path)


def test_a_file_of_before_there_was_a_key_for_the_audit_gives_the_same_one_at_every_start(tmp_path):
    path = tmp_path / "keys.json"
    made = load_or_create(path)
    path.write_text(json.dumps({name: value for name, value in document(path).items() if name != "audit"}))
    old = load(path)
    assert load(path) == old
    assert "audit" not in document(path)
    assert len(old.audit) == KEY_BYTES
    assert old.audit not in {made.audit, *(getattr(old, name) for name in NAMES[:-1])}
    assert (old.index, old.token) == (made.index, made.token)


def test_a_directory_is_no_key_file(tmp_path):
    with pytest.raises(KeysUnusable):
        load_or_create(tmp_path)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KeysUnusable, match=r"keys\.json"):
        load_or_create(tmp_path / "file" / "keys.json")


def test_a_folder_without_the_right_to_write_is_named(tmp_path, monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(KeysUnusable, match="cannot write"):
        load_or_create(tmp_path / "keys.json")


def test_no_message_and_no_repr_shows_a_key(tmp_path):
    path = tmp_path / "keys.json"
    keys = load_or_create(path)
    shown = repr(keys) + str(keys) + f"{keys!r:>40}"
    path.write_text(json.dumps({**document(path), "token": "AAAA"}))
    with pytest.raises(KeysUnusable) as refusal:
        load(path)
    shown += str(refusal.value) + repr(refusal.value)
    for name in NAMES:
        key = getattr(keys, name)
        assert document(path)[name] not in shown
        assert key.hex() not in shown
        assert repr(key) not in shown
