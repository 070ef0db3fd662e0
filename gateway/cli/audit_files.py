"""Exports of the audit trail as files: written from a gateway's answers, checked with nothing but a public key."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from gateway.audit.chain import ChainRow, Checkpoint, Head
from gateway.audit.lines import HEADER, LINE_BYTES_MAX, Part, Unreadable, line, part_of, read_line
from gateway.audit.verifying import Fault, Trail, verify
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.security.signing import NoPublicKey, PublicKeys

PAGE_ROWS: Final = 2_000
Ask = Callable[[str, dict[str, object] | None], dict[str, Any]]
"""path, query -> the gateway's answer."""


def write_export(file: Path, ask: Ask) -> Head:
    """The whole trail as it is now; a file that is there is replaced only by a whole one. Raises CliFault."""
    head = _part(ask("/v1/audit/head", None))
    if not isinstance(head, Head):
        raise CliFault("audit.answer-strange", ExitCode.UNREACHABLE)
    draft = file.with_name(f".{file.name}.part")
    try:
        with open(draft, "wb", opener=_for_owner_only) as out:
            out.write(HEADER)
            out.writelines(line(part) for part in _parts(head, ask))
            out.write(line(head))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise CliFault("audit.file-failed", ExitCode.FILE, file=file, cause=error.strerror) from None
    finally:
        draft.unlink(missing_ok=True)
    return head


def check_export(file: Path, key_files: Sequence[Path], earlier_file: Path | None = None) -> Trail | Fault:
    """Walk along an export. Raises CliFault for a file that cannot be read, or an earlier export that has no end."""
    keys = public_keys(key_files)
    earlier = None if earlier_file is None else _end_of(earlier_file, keys)
    with opened(file) as lines:
        return verify(_lines(lines), keys.check, earlier)


def write_text(file: Path, text: str) -> None:
    """Raises CliFault."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliFault("audit.file-failed", ExitCode.FILE, file=file, cause=error.strerror) from None


def _parts(head: Head, ask: Ask) -> Iterator[Part]:
    """What stands up to the head; rows and checkpoints that came after it belong to the next export."""
    after = 0
    while after < head.position:
        page = ask("/v1/audit/rows", {"after": after, "limit": PAGE_ROWS})
        parts = [_part(item) for item in page.get("items", ())]
        yield from (part for part in parts if _is_below(part, head))
        rows = [part.position for part in parts if isinstance(part, ChainRow)]
        if not rows:
            # Rows below the head that are not there: the export says so by itself when it is checked.
            return
        after = max(after + 1, rows[-1])


def _is_below(part: Part, head: Head) -> bool:
    if isinstance(part, Checkpoint):
        return part.number <= head.checkpoints
    return part.position <= head.position


def _part(value: object) -> Part:
    try:
        return part_of(value)
    except Unreadable:
        raise CliFault("audit.answer-strange", ExitCode.UNREACHABLE) from None


def _end_of(file: Path, keys: PublicKeys) -> Head:
    with opened(file) as lines:
        last = deque(_lines(lines), maxlen=1)
    try:
        head = read_line(last[0]) if last else None
    except Unreadable:
        head = None
    if not isinstance(head, Head) or not keys.check(head.key_id, head.message(), head.signature):
        raise CliFault("audit.earlier-unusable", ExitCode.FILE, file=file)
    return head


def public_keys(files: Sequence[Path]) -> PublicKeys:
    """The keys in these files. Raises CliFault."""
    pems = []
    for file in files:
        with opened(file) as stream:
            pems.append(stream.read(LINE_BYTES_MAX))
    try:
        return PublicKeys(pems)
    except NoPublicKey:
        raise CliFault("audit.no-public-key", ExitCode.FILE, file=", ".join(map(str, files))) from None


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """A file to read. Raises CliFault."""
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise CliFault("audit.file-failed", ExitCode.FILE, file=file, cause=error.strerror) from None


def _lines(opened: IO[bytes]) -> Iterator[bytes]:
    """A line that is longer than any of ours comes in pieces, none of which can be read as one."""
    while text := opened.readline(LINE_BYTES_MAX):
        yield text


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
