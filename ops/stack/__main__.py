"""`lgsp stack up|status|down`: the program behind it. Nothing of the gateway imports it."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console

from contracts.problems import Language
from gateway.cli.exit_codes import ExitCode
from gateway.cli.texts import say
from ops.local.ports import is_free
from ops.stack.folder import DEFAULT_FOLDER, AlreadyUp, StackFolder, StackStatus
from ops.stack.showing import as_json, as_table, what_is_missing
from ops.stack.story import tell
from ops.stack.supervisor import Supervisor
from ops.stack.topology import StackPlan, Topology, api_ports

UP_WITHIN_S: Final = 240.0
DOWN_WITHIN_S: Final = 90.0
LOOK_AGAIN_S: Final = 0.2


def main() -> int:
    """Exit code: of `lgsp`'s table."""
    given = _parser().parse_args()
    folder = StackFolder(given.folder)
    console = Console(highlight=False, stderr=given.verb == "status" and given.json)
    verbs: dict[str, Callable[[], int]] = {
        "up": lambda: _up(given, folder, console),
        "run": lambda: _run(given, folder, console),
        "status": lambda: _status(given, folder, console),
        "down": lambda: _down(given.lang, folder, console),
        "supervise": lambda: _supervise(given, folder),
    }
    return verbs[given.verb]()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.stack", description=__doc__)
    parser.add_argument("verb", choices=["up", "run", "status", "down", "supervise"])
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--lang", choices=["vi", "en"], default="vi")
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--once", action="store_true")
    return parser


def _up(given: argparse.Namespace, folder: StackFolder, console: Console) -> int:
    lang: Language = given.lang
    if folder.is_up():
        console.print(say("stack.already-up", lang, folder=folder.path), style="yellow")
        return _status(given, folder, console)
    for port in api_ports(given.port):
        if not is_free(port):
            console.print(say("error.port-taken", lang, port=port), style="red")
            return int(ExitCode.CONFIGURATION)
    folder.make()
    order = ["--folder", str(folder.path), "--people", str(given.people), "--seed", str(given.seed)]
    with folder.log("supervisor").open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "ops.stack", "supervise", *order, "--port", str(given.port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # it stays when this command, and the terminal, are gone
        )
    status = _wait_until_ready(folder, supervisor, console, lang)
    if status is None or not status.is_ready():
        log_file = folder.log("supervisor")
        console.print(say("stack.not-up", lang, what=what_is_missing(status, lang), log=log_file), style="red")
        return int(ExitCode.NOT_VERIFIED)
    console.print(as_table(status, lang))
    console.print(say("stack.up", lang, url=status.url, environment=folder.environment_file))
    return int(ExitCode.OK)


def _run(given: argparse.Namespace, folder: StackFolder, console: Console) -> int:
    """Start anew, tell the story, and with --once end everything."""
    lang: Language = given.lang
    if folder.is_up():
        console.print(say("stack.already-up", lang, folder=folder.path), style="red")
        return int(ExitCode.CONFIGURATION)
    # A story is told of people whom nobody has met.
    shutil.rmtree(folder.path, ignore_errors=True)
    code = _up(given, folder, console)
    status = folder.read_status()
    if code == ExitCode.OK and status is not None:
        code = tell(folder, status, console, lang)
    if given.once:
        _down(lang, folder, console)
    return code


def _wait_until_ready(
    folder: StackFolder, supervisor: subprocess.Popen[bytes], console: Console, lang: Language
) -> StackStatus | None:
    deadline_s = time.monotonic() + UP_WITHIN_S
    status = None
    with console.status(say("stack.starting", lang)) as line:
        while time.monotonic() < deadline_s and supervisor.poll() is None:
            status = folder.read_status() or status
            if status is not None and status.is_ready():
                break
            line.update(say("stack.waiting-for", lang, what=what_is_missing(status, lang)))
            time.sleep(LOOK_AGAIN_S)
    return status


def _status(given: argparse.Namespace, folder: StackFolder, console: Console) -> int:
    status = folder.read_status()
    if status is None:
        console.print(say("stack.is-down", given.lang))
        return int(ExitCode.UNREACHABLE)
    if given.json:
        sys.stdout.buffer.write(orjson.dumps(as_json(status), option=orjson.OPT_APPEND_NEWLINE))
    else:
        console.print(as_table(status, given.lang))
    return int(ExitCode.OK if status.is_ready() else ExitCode.NOT_VERIFIED)


def _down(lang: Language, folder: StackFolder, console: Console) -> int:
    if not folder.is_up():
        console.print(say("stack.is-down", lang))
        return int(ExitCode.OK)
    folder.ask_to_end()
    deadline_s = time.monotonic() + DOWN_WITHIN_S
    with console.status(say("stack.ending", lang)):
        while folder.is_up() and time.monotonic() < deadline_s:
            time.sleep(LOOK_AGAIN_S)
    if folder.is_up():
        console.print(say("stack.still-up", lang, log=folder.log("supervisor")), style="red")
        return int(ExitCode.UNEXPECTED)
    console.print(say("stack.down", lang, folder=folder.path))
    return int(ExitCode.OK)


def _supervise(given: argparse.Namespace, folder: StackFolder) -> int:
    ending: list[int] = []
    for ended_by in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ended_by, lambda number, _frame: ending.append(number))
    try:
        with folder.claimed():
            plan = StackPlan(folder, given.port, given.people, given.seed)
            topology = Topology(plan)
            Supervisor(folder, topology.url, topology.children(), topology.environment).run(lambda: bool(ending))
    except AlreadyUp as error:
        sys.stderr.write(f"{error}\n")
        return int(ExitCode.CONFIGURATION)
    return int(ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main())
