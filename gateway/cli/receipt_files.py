"""Signed receipts as files: one JSON object a line, checked with nothing but a public key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson
from pydantic import ValidationError

from contracts.entry import Entry
from gateway.audit.lines import LINE_BYTES_MAX
from gateway.cli.audit_files import opened, public_keys, write_text
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.security.signed_receipts import ReceiptFault, SignedReceipt, fault_of, is_of, read_receipt, submitted

ENTRY_BYTES_MAX: Final = 1_000_000
Ask = Callable[..., dict[str, Any]]
"""method, path -> the gateway's answer."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file of receipts came to: how many are genuine, or the first that is not, by its line (from 1).

    `lines_of_entry`: the lines whose receipt is of the entry that was given.
    """

    receipts: int
    senders: tuple[str, ...]
    first_at: str | None
    last_at: str | None
    lines_of_entry: tuple[int, ...] = ()
    fault: ReceiptFault | None = None
    line: int = 0


def fetch(ask: Ask, batch: str) -> dict[int, dict[str, Any]]:
    """The caller's receipts of a batch, by leaf. Raises CliFault for an answer that holds anything else."""
    items = ask("GET", f"/v1/receipts/{quote(batch, safe='')}").get("items")
    found = {}
    for item in items if isinstance(items, list) else ():
        receipt = read_receipt(item)
        if receipt is None:
            raise CliFault("receipts.answer-strange", ExitCode.UNREACHABLE)
        found[receipt.statement.leaf] = item
    return found


def write_receipts(file: Path, receipts: Iterable[dict[str, Any]]) -> None:
    """Raises CliFault."""
    write_text(file, "".join(orjson.dumps(one).decode() + "\n" for one in receipts))


def check_receipts(file: Path, key_files: Sequence[Path], entry_file: Path | None) -> Checked:
    """Are all receipts of a file genuine, and which are of this entry? Raises CliFault for what cannot be read."""
    keys = public_keys(key_files)
    entry = None if entry_file is None else _entry(entry_file)
    genuine: list[SignedReceipt] = []
    theirs: list[int] = []
    for line, receipt in _receipts(file):
        fault = "no-receipt" if receipt is None else fault_of(receipt, keys.check)
        if receipt is None or fault is not None:
            return Checked(len(genuine), (), None, None, fault=fault, line=line)
        genuine.append(receipt)
        if entry is not None and is_of(receipt, entry):
            theirs.append(line)
    if not genuine:
        return Checked(0, (), None, None, fault="no-receipt", line=1)
    instants = sorted(one.statement.received_at for one in genuine)
    senders = tuple(sorted({one.statement.sender for one in genuine}))
    fault = "other-content" if entry is not None and not theirs else None
    return Checked(len(genuine), senders, instants[0], instants[-1], tuple(theirs), fault, 0 if fault is None else 1)


def _receipts(file: Path) -> Iterator[tuple[int, SignedReceipt | None]]:
    with opened(file) as lines:
        number = 0
        while text := lines.readline(LINE_BYTES_MAX):
            number += 1
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                value = None
            if isinstance(value, dict):
                value.pop("row", None)
            yield number, read_receipt(value)


def _entry(file: Path) -> dict[str, object]:
    """An entry as it was submitted, in the form to which receipts commit."""
    with opened(file) as content:
        text = content.read(ENTRY_BYTES_MAX)
    try:
        entry = Entry.model_validate(orjson.loads(text))
    except (orjson.JSONDecodeError, ValidationError):
        raise CliFault("receipts.no-entry", ExitCode.FILE, file=file) from None
    told = entry.model_dump(exclude={"fields", "key"}, exclude_none=True)
    return submitted(told, entry.fields)
