"""`lgsp run --stack`: the same story as `lgsp run`, told on the whole topology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from contracts.problems import Language
from gateway.cli.demonstration.story import Story
from gateway.cli.exit_codes import ExitCode
from gateway.cli.texts import say
from ops.stack.folder import StackFolder, StackStatus


class StackScene:
    """A stack that is up, as the story sees it."""

    def __init__(self, folder: StackFolder, status: StackStatus) -> None:
        self.folder: Path = folder.path
        self.url = status.url
        self.token = (folder.path / "token").read_text("utf-8")
        self.ready: dict[str, Any] = json.loads((folder.path / "mocks.json").read_text("utf-8"))


def tell(folder: StackFolder, status: StackStatus, console: Console, lang: Language) -> int:
    """Exit code 0 only if every step was verified."""
    console.rule(say("run.title", lang))
    story = Story(StackScene(folder, status), console, lang)
    try:
        story.tell()
    finally:
        story.close()
    console.print()
    if story.failures:
        console.print(say("run.not-done", lang, folder=folder.path), style="red")
        return int(ExitCode.NOT_VERIFIED)
    console.print(say("run.done", lang), style="bold green")
    return int(ExitCode.OK)
