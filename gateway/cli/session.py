"""What a verb knows of the call it serves: language, address, and where to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx
import orjson
import typer
from rich.console import Console

from contracts.problems import Language
from gateway.cli.connection import Gateway, Refused, Unreachable, fault_of, find_address
from gateway.cli.texts import say

FILE_WIDTH: Final = 160


@dataclass(frozen=True, slots=True)
class Session:
    """Answers go to standard output; progress, notes and faults to standard error."""

    lang: Language
    url: str | None = None
    token: str | None = None
    transport: httpx.BaseTransport | None = None

    def say(self, key: str, **values: object) -> str:
        """A text in the caller's language."""
        return say(key, self.lang, **values)

    @property
    def out(self) -> Console:
        """Standard output, made anew so that a redirection is noticed; a file has no width to fit into."""
        console = Console(highlight=False, markup=False, emoji=False)
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = FILE_WIDTH
        return console

    @property
    def err(self) -> Console:
        """Standard error."""
        return Console(stderr=True, highlight=False, markup=False, emoji=False)

    @contextmanager
    def gateway(self) -> Iterator[Gateway]:
        """The gateway; a failed request ends the command with its sentence."""
        gateway = Gateway(find_address(self.url, self.token), self.lang, self.transport)
        try:
            yield gateway
        except (Unreachable, Refused) as error:
            raise fault_of(error, gateway.url) from None
        finally:
            gateway.close()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One request, one answer. Raises CliFault."""
        with self.gateway() as gateway:
            return gateway.ask(method, path, query, body, headers)


def session_of(context: typer.Context) -> Session:
    """The session that the root command put into the context."""
    return cast(Session, context.obj)


def print_json(value: object) -> None:
    """One JSON value on one line, as programs read it."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()
