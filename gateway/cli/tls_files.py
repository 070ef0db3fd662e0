"""`lgsp secrets tls FOLDER`: an authority for a trial, and certificates of every server and role signed by it.

What is there stays: a pair that was deleted is issued anew by the same authority, which is how one is rotated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from contracts.problems import Language
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.texts import say
from gateway.clock import Clock, system_clock
from gateway.security.authority import Authority

AUTHORITY: Final = "ca"
DATABASE_USER: Final = "lgsp"
"""PostgreSQL wants the user's name in the certificate (`clientcert=verify-full`)."""
CLIENTS: Final = (
    DATABASE_USER,
    *(f"lgsp-{role}" for role in ("relay", "propagate", "watch", "topics", "administrator")),
)
_AUTHORITY_VALID_FOR: Final = dt.timedelta(days=3_650)
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


def make(
    folder: Path,
    database_hosts: Sequence[str],
    kafka_hosts: Sequence[str],
    days: int,
    lang: Language = "vi",
    clock: Clock = system_clock,
) -> None:
    """Write every certificate that is missing. Raises CliFault."""
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        authority, made = _authority(folder, clock(), dt.timedelta(days=days))
        made += _servers(folder, authority, database_hosts, kafka_hosts)
        made += [name for name in CLIENTS if _issue(folder, name, authority, ())]
    except OSError as error:
        raise CliFault("secrets.unwritable", ExitCode.FILE, path=folder, cause=error.strerror or error) from None
    except ValueError as error:
        raise CliFault("secrets.tls-authority", ExitCode.FILE, path=folder, cause=error) from None
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for name in made:
        console.print(say("secrets.tls-made", lang, name=name))
    console.print(say("secrets.tls-done", lang, count=len(made), path=folder, signer=folder / f"{AUTHORITY}.key"))


def _authority(folder: Path, now: dt.datetime, valid_for: dt.timedelta) -> tuple[Authority, list[str]]:
    certificate, key = folder / f"{AUTHORITY}.pem", folder / f"{AUTHORITY}.key"
    if certificate.exists():
        return Authority.load(certificate.read_bytes(), key.read_bytes(), now, valid_for), []
    made = Authority.new("LGSP Connector trial authority", now, _AUTHORITY_VALID_FOR)
    _write(key, made.private_pem)
    _write(certificate, made.pem)
    return Authority(made.certificate, made.key, now, valid_for), [AUTHORITY]


def _servers(folder: Path, authority: Authority, database: Sequence[str], kafka: Sequence[str]) -> list[str]:
    made = [name for name in ("postgresql",) if _issue(folder, name, authority, database)]
    broker = folder / "broker.pem"
    if not broker.exists():
        # Kafka reads both from one file, and is its own client.
        issued = authority.issue("broker", kafka, both=True)
        _write(broker, issued.key + issued.certificate)
        made.append("broker")
    return made


def _issue(folder: Path, name: str, authority: Authority, hosts: Sequence[str]) -> bool:
    if (folder / f"{name}.crt").exists():
        return False
    authority.issue(name, hosts).write(folder, name)
    return True


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=_FILE_MODE)
    file.write_bytes(content)
