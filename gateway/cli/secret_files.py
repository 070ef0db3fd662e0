"""`lgsp secrets make FOLDER`: one file per secret, as `LGSP_SECRETS_DIR` and the containers read them.

What is there stays: a second run adds only what is missing, so that no password changes under a running database.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from contracts.problems import Language
from gateway.cli.demonstration.systems import credentials_for
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.texts import say
from gateway.security.keyring import load_or_create

KEYS: Final = "keys.json"
_OF_DATABASE: Final = "database_password"
_BYTES: Final = 32
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o444
"""Containers read them under another user id; that nobody else on the machine does is the folder's mode."""


def make(folder: Path, database_host: str, with_simulated: bool, lang: Language) -> None:
    """Write every secret that is missing; what a platform issues, only for the simulated one. Raises CliFault."""
    given = simulated() if with_simulated else {}
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        made = [name for name, value in _plan(folder, database_host, given).items() if _write(folder / name, value)]
        keys = folder / KEYS
        if not keys.exists():
            load_or_create(keys)
            keys.chmod(_FILE_MODE)
            made.append(KEYS)
    except OSError as error:
        raise CliFault("secrets.unwritable", ExitCode.FILE, path=folder, cause=error.strerror or error) from None
    console = Console(highlight=False)
    for name in made:
        console.print(say("secrets.made", lang, name=name))
    console.print(say("secrets.done", lang, count=len(made), path=folder))


def simulated() -> dict[str, str]:
    """What the simulated platform issues, by file name: its own program says it, as nothing here imports the mocks."""
    said = subprocess.run([sys.executable, "-m", "mock_services", "credentials"], check=True, capture_output=True)
    return {variable.lower(): value for variable, value in credentials_for(json.loads(said.stdout)).items()}


def _plan(folder: Path, database_host: str, given: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    def url() -> str:
        password = (folder / _OF_DATABASE).read_text("utf-8").strip()
        return f"postgresql+psycopg://lgsp:{password}@{database_host}/lgsp"

    return {
        _OF_DATABASE: _random,
        "lgsp_database__url": url,
        "lgsp_http__token": _random,
        "grafana_password": _random,
        **{name: partial(str, value) for name, value in given.items()},
    }


def _random() -> str:
    return secrets.token_urlsafe(_BYTES)


def _write(file: Path, value: Callable[[], str]) -> bool:
    if file.exists():
        return False
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(value() + "\n")
    file.chmod(_FILE_MODE)
    return True
