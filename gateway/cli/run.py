"""`lgsp run`: start everything on this machine, tell the story, verify each step, and stay up."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from rich.console import Console

from contracts.problems import Language
from gateway.cli.connection import DEFAULT_URL
from gateway.cli.demonstration.processes import GATEWAY_PORT, MOCK_PORTS, CannotRun, Plan, Town
from gateway.cli.demonstration.story import Story
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.texts import say

_NEXT = (
    "lgsp quarantine list",
    "lgsp quality show",
    "lgsp events tail",
    "lgsp entries submit .lgsp/demo/phieu-cua-xa.xlsx",
    "lgsp rules list",
    "lgsp --help",
)


def run(
    once: bool = False,
    lang: Language = "vi",
    port: int = GATEWAY_PORT,
    mock_ports: tuple[int, int, int, int] = MOCK_PORTS,
) -> int:
    """Exit code 0 only if every step was verified. Raises CliFault when it cannot begin."""
    console = Console(highlight=False)
    plan = Plan(gateway_port=port, mock_ports=mock_ports)
    # A terminal's hang-up or a supervisor's TERM ends the children as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Town(plan) as town:
            return _tell(town, console, once, lang)
    except CannotRun as error:
        raise CliFault(error.key, ExitCode.CONFIGURATION, **error.words) from None
    except KeyboardInterrupt:
        return int(ExitCode.OK)


def _tell(town: Town, console: Console, once: bool, lang: Language) -> int:
    console.rule(say("run.title", lang))
    console.print(say("run.intro", lang, people=town.plan.people))
    console.print()
    console.rule(say("run.start", lang), align="left")
    console.print(say("run.started", lang, url=town.url), style="green")
    story = Story(town, console, lang)
    try:
        story.tell()
    finally:
        story.close()
    console.print()
    if story.failures:
        console.print(say("run.not-done", lang, folder=town.plan.folder), style="red")
    else:
        console.print(say("run.done", lang), style="bold green")
    if not once:
        _stay(console, town, lang)
    return int(ExitCode.NOT_VERIFIED if story.failures else ExitCode.OK)


def _stay(console: Console, town: Town, lang: Language) -> None:
    console.rule(say("run.next", lang), align="left")
    console.print(say("run.next-hint", lang))
    for command in _NEXT:
        console.print(f"  {_program(command)}{_address(town)}", style="bold")
    console.print(say("run.stay", lang))
    while True:
        town.check_alive()
        time.sleep(1)


def _address(town: Town) -> str:
    """Said only where it is not the one that every command looks at by itself."""
    return "" if town.url == DEFAULT_URL else f" --url {town.url}"


def _program(command: str) -> str:
    """The command as it can be typed here: `make run` installs into .venv, which is on nobody's path."""
    local = Path(".venv/bin/lgsp")
    return command.replace("lgsp", str(local), 1) if local.exists() else command
