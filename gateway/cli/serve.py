"""`lgsp serve`: the whole house in one process, behind the HTTP door on loopback."""

from __future__ import annotations

import secrets
import socket
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from gateway.app import build_app
from gateway.cli.exit_codes import ExitCode
from gateway.cli.words import say
from gateway.observability.logs import configure
from gateway.security.keyring import KeysUnusable
from gateway.settings import HttpSettings, Settings
from gateway.store import migrations
from gateway.wiring import build_house

_DRAIN_S = 25
_TOKEN_BYTES = 32


class CannotStart(Exception):
    """The process cannot start; the message is a sentence for a person."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code


def serve(lang: str = "vi") -> None:
    """Serve until SIGTERM or Ctrl-C; exits with a sentence when it cannot start."""
    console = Console(stderr=True)
    try:
        settings = read_settings(lang)
        listening = bind(settings.http, lang)
        server = prepare(settings, lang)
    except CannotStart as error:
        console.print(f"[red]✗[/red] {error}")
        sys.exit(error.code)
    port = listening.getsockname()[1]
    console.print(say("serving", lang, url=f"http://{settings.http.host}:{port}", file=settings.http.token_file))
    server.run(sockets=[listening])


def read_settings(lang: str) -> Settings:
    """Settings from environment and file. Raises CannotStart naming every fault at once."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise CannotStart(say("settings_wrong", lang, faults=faults), ExitCode.CONFIGURATION) from None


def bind(http: HttpSettings, lang: str) -> socket.socket:
    """Listen on the address. Raises CannotStart when it is taken."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((http.host, http.port))
        # Bound is not enough on every system: only listening tells that nobody else is there.
        listening.listen(2_048)
    except OSError:
        listening.close()
        raise CannotStart(say("port_taken", lang, port=http.port), ExitCode.CONFIGURATION) from None
    return listening


def prepare(settings: Settings, lang: str) -> uvicorn.Server:
    """Migrate, build the house and its door. Raises CannotStart."""
    configure(settings.log.format, settings.log.level)
    if missing := settings.missing_secrets():
        raise CannotStart(say("secrets_missing", lang, names=", ".join(missing)), ExitCode.CONFIGURATION)
    try:
        migrations.upgrade(settings.database.url)
        house = build_house(settings)
    except KeysUnusable as error:
        raise CannotStart(str(error), ExitCode.CONFIGURATION) from None
    except SQLAlchemyError as error:
        raise CannotStart(say("database_down", lang, cause=type(error).__name__), ExitCode.UNREACHABLE) from None
    app = build_app(house, settings, write_token(settings.http))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_DRAIN_S,
        server_header=False,
        date_header=False,
    )
    return uvicorn.Server(config)


def write_token(http: HttpSettings) -> str:
    """The door's token: given in the settings, kept from the last start, or made now; only its owner may read it."""
    file: Path = http.token_file
    if http.token is not None:
        token = http.token.get_secret_value()
    elif file.exists():
        token = file.read_text("utf-8").strip()
    else:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(token + "\n", "utf-8")
    return token
