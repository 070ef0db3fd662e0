"""The command line, a door: its working verbs are HTTP clients that hold no database password and no key."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `lgsp`; gives the exit code of `gateway.cli.exit_codes`."""
    # Imported here, so that a program that only wants a module of this package does not load the terminal's libraries.
    from gateway.cli.terminal import call

    return call(sys.argv[1:] if arguments is None else list(arguments))
