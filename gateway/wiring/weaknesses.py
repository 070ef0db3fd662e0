"""What is fit for trying things out and not for real people: named by `lgsp doctor`, and the worst stops `lgsp serve`.

OWASP ASVS 5.0, 13.3.1 (secrets) and 13.4 (what must not be open).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sqlalchemy import make_url

from gateway.settings import DEFAULT_FILE, FILE_VARIABLE, SECRETS_VARIABLE, Settings
from gateway.wiring.database import database_url

TOKEN_LENGTH_MIN: Final = 32
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITABLE: Final = stat.S_IWGRP | stat.S_IWOTH
_OF_A_CONTAINER: Final = Path("/run/secrets")

Code: TypeAlias = Literal[
    "token-short", "file-open", "keys-beside-database", "ledger-beside-database", "door-in-clear", "log-debug"
]


@dataclass(frozen=True, slots=True)
class Weakness:
    """One: `what` is the variable or the file to mend. `stops`: `lgsp serve` does not start with it in production."""

    code: Code
    what: str
    stops: bool = False


def weaknesses(settings: Settings) -> Iterator[Weakness]:
    """Of the settings and of the files that they name."""
    token = settings.http.token
    if token is not None and len(token.get_secret_value()) < TOKEN_LENGTH_MIN:
        yield Weakness("token-short", "LGSP_HTTP__TOKEN", stops=True)
    yield from (Weakness("file-open", str(file), stops=True) for file in _secret_files(settings) if _is_open(file))
    folder = _folder_of_database(settings)
    if folder is not None and settings.keys.text is None and folder == settings.keys.file.resolve().parent:
        yield Weakness("keys-beside-database", "LGSP_KEYS__FILE")
    if folder is not None and folder == settings.keys.ledger.resolve().parent:
        yield Weakness("ledger-beside-database", "LGSP_KEYS__ERASURES")
    if settings.http.host in _EVERYWHERE and not (settings.callers.public_url or "").startswith("https://"):
        yield Weakness("door-in-clear", "LGSP_CALLERS__PUBLIC_URL")
    if settings.log.level == "debug":
        yield Weakness("log-debug", "LGSP_LOG__LEVEL")


def _secret_files(settings: Settings) -> Iterator[Path]:
    """Those that there are: house keys, ledger, the door's token, keys of certificates, and the folder of secrets."""
    targets = settings.targets
    parts = (settings.database, settings.platform, settings.kafka)
    others = (targets.population, targets.social_insurance, targets.labour_market)
    named = [settings.keys.file, settings.keys.ledger, settings.http.token_file]
    named += [one.key_file for one in (*parts, *others) if one.key_file is not None]
    # It may hold the token and the database's password.
    named.append(Path(os.environ.get(FILE_VARIABLE, DEFAULT_FILE)))
    folder = os.environ.get(SECRETS_VARIABLE)
    if folder is not None and Path(folder).is_dir():
        named += sorted(one for one in Path(folder).iterdir() if one.name.startswith("lgsp_"))
    return (file for file in dict.fromkeys(named) if file.is_file())


def _is_open(file: Path) -> bool:
    """Whether others of this machine could read or change it.

    What a container's runtime hands over is readable to everybody there, and nobody else is there.
    """
    mode = file.stat().st_mode
    return bool(mode & (_WRITABLE if file.parent == _OF_A_CONTAINER else _OF_OTHERS))


def _folder_of_database(settings: Settings) -> Path | None:
    url = make_url(database_url(settings))
    return Path(url.database).resolve().parent if url.get_backend_name() == "sqlite" and url.database else None
