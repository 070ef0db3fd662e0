"""One call of `lgsp`: global options, the command, and every failure as a sentence with an exit code. Never a trace."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import httpx
import typer

from contracts.problems import Language
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.root import build
from gateway.cli.session import Session
from gateway.cli.texts import LANGUAGES, say

LANG_VARIABLE: Final = "LGSP_LANG"
TRACE_VARIABLE: Final = "LGSP_TRACE"
"""Set by whoever mends the program: an unexpected fault then shows its trace."""

_GLOBAL: Final = ("--lang", "--url", "--token")
_CTRL_C: Final = 130


def call(arguments: Sequence[str], transport: httpx.BaseTransport | None = None) -> int:
    """Run a command; gives its exit code. `transport` replaces the network."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # An old console's code page has no letters for half the names; a mark is better than a fault.
            stream.reconfigure(errors="replace")
    given, rest = _global_options(arguments)
    lang = given.get("--lang") or os.environ.get(LANG_VARIABLE) or "vi"
    if lang not in LANGUAGES:
        return _tell("vi", CliFault("error.lang", ExitCode.USAGE))
    session = Session(lang, given.get("--url"), given.get("--token"), transport)
    return _run(rest, session)


def _global_options(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Global options wherever they stand; what follows `--` is left alone."""
    given: dict[str, str] = {}
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        one = queue.pop(0)
        name, equals, value = one.partition("=")
        if one == "--":
            return given, [*rest, one, *queue]
        if name not in _GLOBAL or (not equals and not queue):
            rest.append(one)
        else:
            given[name] = value if equals else queue.pop(0)
    return given, rest


def _run(arguments: list[str], session: Session) -> int:
    try:
        code = build(session.lang).main(arguments, prog_name="lgsp", standalone_mode=False, obj=session)
    except CliFault as fault:
        return _tell(session.lang, fault)
    except typer.Abort:
        return _tell(session.lang, CliFault("error.interrupted", ExitCode.INTERRUPTED))
    except typer.TyperException as error:
        return _tell_usage(session.lang, error)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        if os.environ.get(TRACE_VARIABLE):
            traceback.print_exc()
        return _tell(session.lang, CliFault("error.unexpected", ExitCode.UNEXPECTED, kind=type(error).__name__))
    if code == _CTRL_C:
        return _tell(session.lang, CliFault("error.interrupted", ExitCode.INTERRUPTED))
    return code if isinstance(code, int) else ExitCode.OK


def _tell(lang: Language, fault: CliFault) -> int:
    sys.stderr.write(f"✗ {say(fault.key, lang, **fault.values)}\n")
    return fault.code


def _tell_usage(lang: Language, error: typer.TyperException) -> int:
    message = _usage(lang, error)
    # Without a message the help page has just been shown instead.
    if message:
        path = getattr(getattr(error, "ctx", None), "command_path", "lgsp")
        sys.stderr.write(f"✗ {message}\n  {say('error.usage-hint', lang, command=path)}\n")
    return ExitCode.USAGE


def _usage(lang: Language, error: typer.TyperException) -> str:
    """The commonest mistakes in the caller's language; others with the parser's own words."""
    option = getattr(error, "option_name", None)
    if isinstance(error, typer.BadParameter):
        param = error.param
        name = error.param_hint or (param.get_error_hint() if param is not None else "?")
        if not error.message:
            return say("error.usage-missing", lang, name=name)
        return say("error.usage-value", lang, name=name, message=error.message)
    if option and "No such option" in error.message:
        return say("error.usage-option", lang, name=option)
    message = error.format_message().strip()
    return say("error.usage", lang, message=message) if message else ""
