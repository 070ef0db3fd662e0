"""Where the house keys are kept: a file, or the environment. An HSM or a KMS would answer the same questions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.security.keyring import Keyring, KeysUnusable, load, load_or_create, parse, replace_file


class KeyProvider(Protocol):
    """One place of the house keys."""

    @property
    def where(self) -> str:
        """What people call it: a path, or a variable."""
        ...

    def exists(self) -> bool:
        """Whether there are keys."""
        ...

    def load(self) -> Keyring:
        """The keys as they are now. Raises KeysUnusable."""
        ...

    def load_or_make(self) -> Keyring:
        """The same, made if there are none yet. Raises KeysUnusable, also where none can be made."""
        ...

    def replace(self, keyring: Keyring) -> None:
        """Keep these from now on, in one step. Raises KeysUnusable, also where nothing can be kept."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else replaces keys here meanwhile. Raises KeysUnusable when somebody does."""
        ...

    def stamp(self) -> object:
        """Another value whenever the keys are others; None while there are none."""
        ...


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The keys in a file that only its owner reads."""

    path: Path

    @property
    def where(self) -> str:
        """See KeyProvider."""
        return str(self.path)

    def exists(self) -> bool:
        """See KeyProvider."""
        return self.path.exists()

    def load(self) -> Keyring:
        """See KeyProvider."""
        return load(self.path)

    def load_or_make(self) -> Keyring:
        """See KeyProvider."""
        return load_or_create(self.path)

    def replace(self, keyring: Keyring) -> None:
        """See KeyProvider."""
        replace_file(keyring, self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """See KeyProvider: by a lock on a file beside this one, which ends with the process that holds it."""
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise KeysUnusable(f"Không ghi được / cannot write: {lock} ({type(error).__name__})") from None
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            raise KeysUnusable("đang có một lần thay khóa khác / another rotation is under way") from None
        try:
            yield
        finally:
            os.close(handle)

    def stamp(self) -> object:
        """Size and time of the file; None when it is not there."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


def _lock(handle: int) -> None:
    """Raises OSError when somebody holds it. Where the system knows no such lock, no gateway runs either."""
    try:
        import fcntl  # noqa: PLC0415 - Windows, where communes run lgsp, has none
    except ImportError:
        return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@dataclass(frozen=True, slots=True)
class KeysInEnvironment:
    """The text of a key file in a variable, as a secret store of the platform injects it. It can only be read."""

    variable: str
    text: str = field(repr=False)

    @property
    def where(self) -> str:
        """See KeyProvider."""
        return self.variable

    def exists(self) -> bool:
        """See KeyProvider."""
        return True

    def load(self) -> Keyring:
        """See KeyProvider."""
        return parse(self.text, self.variable)

    def load_or_make(self) -> Keyring:
        """See KeyProvider."""
        return self.load()

    def replace(self, keyring: Keyring) -> None:
        """Raises KeysUnusable: a process cannot change what its successors will be given."""
        raise KeysUnusable(
            f"{self.variable} chỉ đọc được: thay khóa với một tệp (LGSP_KEYS__FILE), rồi đưa nội dung mới vào biến / "
            f"{self.variable} can only be read: rotate with a file (LGSP_KEYS__FILE), then put its new text there"
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """See KeyProvider; nobody replaces anything here."""
        yield

    def stamp(self) -> object:
        """See KeyProvider."""
        return self.variable
