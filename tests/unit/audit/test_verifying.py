"""Whatever is changed, left out, put in or moved in an export is found, offline, with the public key alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import orjson
import pytest

from gateway.audit.chain import START, ChainRow, Checkpoint, Head
from gateway.audit.lines import HEADER, line, read_line
from gateway.audit.verifying import FAULTS, Fault, Trail, verify
from gateway.security.signing import NoPublicKey, PublicKeys, Signer

SIGNER: Final = Signer(bytes(range(32)))
STRANGER: Final = Signer(bytes(32))
KEYS: Final = PublicKeys([SIGNER.public_pem().encode()])
AT: Final = "2026-07-05T01:02:03.000004Z"
ROWS: Final = 60
MUTATIONS: Final = 1_000


def checkpoint(number: int, row: ChainRow, signer: Signer = SIGNER) -> Checkpoint:
    draft = Checkpoint(number, row.position, row.hash, AT, signer.key_id, b"")
    return replace(draft, signature=signer.sign(draft.message()))


def head(position: int, last_hash: bytes, checkpoints: int, signer: Signer = SIGNER) -> Head:
    draft = Head(position, last_hash, checkpoints, AT, signer.key_id, b"")
    return replace(draft, signature=signer.sign(draft.message()))


def export(seed: int = 1, rows: int = ROWS, signer: Signer = SIGNER) -> list[bytes]:
    """Rows that differ between seeds, a checkpoint behind every seventh."""
    draw, lines, last, signed = random.Random(seed), [HEADER], START, 0
    for position in range(1, rows + 1):
        subject = f"{draw.getrandbits(128):032x}"
        told = (position, AT, "local", "worker:read", subject, "success", '{"x":"Mường Tè"}', AT)
        row = ChainRow(*told, b"")
        row = replace(row, hash=row.expected_hash(last))
        last = row.hash
        lines.append(line(row))
        if position % 7 == 0:
            signed += 1
            lines.append(line(checkpoint(signed, row, signer)))
    return [*lines, line(head(rows, last, signed, signer))]


def changed_byte(lines: list[bytes], draw: random.Random) -> list[bytes]:
    at = draw.randrange(len(lines))
    text = bytearray(lines[at])
    place = draw.randrange(len(text))
    text[place] ^= 1 << draw.randrange(8)
    return b"".join([*lines[:at], bytes(text), *lines[at + 1 :]]).splitlines(keepends=True)


def changed_member(lines: list[bytes], draw: random.Random) -> list[bytes]:
    at = draw.randrange(1, len(lines))
    value = orjson.loads(lines[at])
    name = draw.choice([name for name in value if name != "kind"])
    held = value[name]
    value[name] = held + draw.choice((-1, 1, 1_000)) if isinstance(held, int) else held[::-1] + draw.choice("0af")
    return [*lines[:at], orjson.dumps(value) + b"\n", *lines[at + 1 :]]


def changed_and_hashed_again(lines: list[bytes], draw: random.Random) -> list[bytes]:
    """As one does who knows the format but not the key: every later hash is made anew."""
    at = draw.choice([at for at, text in enumerate(lines) if isinstance_row(text)])
    made, last = lines[:at], START
    for earlier in made[1:]:
        part = read_line(earlier)
        last = part.hash if isinstance(part, ChainRow) else last
    for number, text in enumerate(lines[at:], at):
        part = read_line(text)
        if isinstance(part, ChainRow):
            part = replace(part, actor="somebody else") if number == at else part
            part = replace(part, hash=part.expected_hash(last))
            last = part.hash
        else:
            part = replace(part, hash=last)
        made.append(line(part))
    return made


def isinstance_row(text: bytes) -> bool:
    return text.startswith(b'{"kind":"row"')


def left_out(lines: list[bytes], draw: random.Random) -> list[bytes]:
    at = draw.randrange(len(lines))
    return lines[:at] + lines[at + draw.randint(1, 3) :]


def cut_off(lines: list[bytes], draw: random.Random) -> list[bytes]:
    return lines[: draw.randrange(len(lines))]


def put_in(lines: list[bytes], draw: random.Random) -> list[bytes]:
    at = draw.randrange(len(lines) + 1)
    foreign = draw.choice([lines, export(2), export(1, ROWS // 2), [b"\n", b"{}\n"]])
    return [*lines[:at], draw.choice(foreign), *lines[at:]]


def moved(lines: list[bytes], draw: random.Random) -> list[bytes]:
    made = list(lines)
    one, other = draw.sample(range(len(lines)), 2)
    made[one], made[other] = made[other], made[one]
    return made


def joined(lines: list[bytes], draw: random.Random) -> list[bytes]:
    """The beginning of one export and the end of another."""
    at = draw.randrange(1, len(lines))
    return lines[:at] + export(2)[at:]


MUTATORS: Final[tuple[Callable[[list[bytes], random.Random], list[bytes]], ...]] = (
    changed_byte,
    changed_member,
    changed_and_hashed_again,
    left_out,
    cut_off,
    put_in,
    moved,
    joined,
)


def test_an_export_as_written_is_whole() -> None:
    found = verify(export(), KEYS.check)
    assert isinstance(found, Trail)
    assert (found.rows, found.checkpoints, found.head.position) == (ROWS, ROWS // 7, ROWS)


def test_a_thousand_random_mutations_are_all_found() -> None:
    """Requirement 38: any change of the audit trail is found."""
    whole, draw = export(), random.Random(20260705)
    unfound, codes = [], set()
    for number in range(MUTATIONS):
        mutate = MUTATORS[number % len(MUTATORS)]
        changed = mutate(whole, draw)
        assert changed != whole, mutate.__name__
        found = verify(changed, KEYS.check)
        if isinstance(found, Trail):
            unfound.append((number, mutate.__name__))
        else:
            codes.add(found.code)
    assert unfound == []
    assert codes <= set(FAULTS)
    assert len(codes) >= 8


def test_no_line_can_be_left_out_doubled_or_moved_down_by_one() -> None:
    whole = export()
    for at in range(len(whole)):
        below, above = whole[:at], whole[at + 1 :]
        without, doubled = [*below, *above], [*below, whole[at], whole[at], *above]
        lowered = [*below, *above[:1], whole[at], *above[1:]]
        for changed in (without, doubled, lowered):
            assert changed == whole or isinstance(verify(changed, KEYS.check), Fault), at


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([], Fault("no-export", 1)),
        ([b"{}\n"], Fault("no-export", 1)),
        ([HEADER], Fault("end-missing", 1)),
        (export()[:-1], Fault("end-missing", ROWS + ROWS // 7 + 1)),
        ([*export(), export()[-1]], Fault("after-end", ROWS + ROWS // 7 + 3)),
        (export(signer=STRANGER), Fault("key-unknown", 9)),
        ([HEADER, line(head(0, START, 0, STRANGER))], Fault("key-unknown", 2)),
        ([HEADER, export()[1][:-1] + b" \n"], Fault("unreadable", 2)),
        ([HEADER, b'{"kind":"row"}\n'], Fault("unreadable", 2)),
        ([HEADER, b'{"kind":["row"]}\n'], Fault("unreadable", 2)),
    ],
)
def test_the_fault_and_its_line_are_named(lines: list[bytes], fault: Fault) -> None:
    assert verify(lines, KEYS.check) == fault


def test_a_forged_signature_under_a_known_key_id_is_found() -> None:
    row = read_line(export()[1])
    assert isinstance(row, ChainRow)
    forged = replace(head(1, row.hash, 0, STRANGER), key_id=SIGNER.key_id)
    assert verify([HEADER, line(row), line(forged)], KEYS.check) == Fault("signature", 3)


def test_after_a_change_of_keys_both_are_given() -> None:
    both = PublicKeys([SIGNER.public_pem().encode(), STRANGER.public_pem().encode()])
    for signer in (SIGNER, STRANGER):
        assert isinstance(verify(export(signer=signer), both.check), Trail)


@pytest.mark.parametrize("pem", [b"", b"not a key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_is_refused(pem: bytes) -> None:
    with pytest.raises(NoPublicKey):
        PublicKeys([pem])


def test_no_repr_shows_the_private_key() -> None:
    assert repr(SIGNER) == f"Signer({SIGNER.key_id})"
