"""Servers that refuse to run as root, such as PostgreSQL, started by root (containers, build machines).

They run under another account of the machine; what they need to read or own is put where that account can reach it.
Started by anybody else, they run as that person and nothing here changes anything.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Under whom servers run; all None means as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """None keeps ours; another account starts with none of root's groups."""
        return None if self.uid is None else []

    def owns(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_enter(self, folder: Path) -> bool:
        """Whether every folder on the way, and this one, is open to others."""
        if self.uid is None:
            return True
        resolved = folder.resolve()
        return all(step.stat().st_mode & stat.S_IXOTH for step in (resolved, *resolved.parents))


def account_for_servers() -> Account:
    """Ourselves, unless we are root; raises `RuntimeError` if root finds no account to step down to."""
    if os.geteuid() != 0:
        return Account()
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise RuntimeError(
        f"Running as root needs an account that servers can run under; there is none of {', '.join(ACCOUNTS)}. "
        "Run this as an ordinary user, or: useradd --system nobody"
    )


def temporary_directory(prefix: str, account: Account) -> Path:
    """A new folder that only this account (and root) may enter. Its path is short enough to hold a Unix socket."""
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp below makes a private folder there
        if account.may_enter(Path(parent)):
            made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
            account.owns(made)
            return made
    raise RuntimeError("No temporary folder that the server's account may enter: set TMPDIR to one.")


def copy_for(account: Account, tree: Path, copy: Path) -> None:
    """Copy a folder for the account to own (an environment under root's home is closed to everybody else)."""
    copy.parent.mkdir(exist_ok=True)
    account.owns(copy.parent)
    shutil.copytree(tree, copy, symlinks=True)
    for folder, _, files in os.walk(copy):
        account.owns(Path(folder))
        for name in files:
            account.owns(Path(folder) / name)
