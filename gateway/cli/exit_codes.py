"""What the shell is told. One table for all verbs; `lgsp --help` shows it."""

from __future__ import annotations

from enum import IntEnum

from contracts.problems import Language
from gateway.cli.texts import say


class ExitCode(IntEnum):
    """Never renumbered: scripts of communes and of the province compare with these numbers."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    DOUBTED = 3
    UNREACHABLE = 4
    INTERRUPTED = 5
    REFUSED = 6
    FILE = 7
    NOT_FOUND = 8
    CONFIGURATION = 9
    NOT_VERIFIED = 10
    DRIFTED = 11

    def meaning(self, lang: Language) -> str:
        """What the number says, in one line."""
        return say(f"exit.{self.value}", lang)


def table(lang: Language) -> str:
    """The whole table as text, one code per paragraph, as help pages want it."""
    lines = [say("exit.title", lang), *(f"{code.value}: {code.meaning(lang)}" for code in ExitCode)]
    return "\n\n".join(lines)


class CliFault(Exception):
    """Ends the command with a sentence (a text's key and what fills it) and an exit code."""

    def __init__(self, key: str, code: ExitCode, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.code = code
        self.values = values
