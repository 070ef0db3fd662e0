"""The same file as a person submits it: `lgsp entries submit`, which outlives the gateway's death by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import orjson

from gateway.cli.exit_codes import ExitCode
from tests.journeys.programs import clean_environment
from tests.journeys.town import TOKEN, Town

_ENDS_WITHIN_S: Final = 7_200
_SAID: Final = (ExitCode.OK, ExitCode.DOUBTED, ExitCode.REFUSED)

Result = tuple[str, str | None, int | None]
"""State, entry id and version of a row."""


class CliSubmission:
    """One run of the command; leaving the block ends it if it still runs."""

    def __init__(self, town: Town, file: Path, out: Path, *options: str) -> None:
        self._out = out
        command = [sys.executable, "-m", "gateway.cli", "entries", "submit", str(file), "--out", str(out), *options]
        told = {"LGSP_URL": town.url, "LGSP_TOKEN": TOKEN, "PYTHONPATH": str(Path.cwd())}
        with out.with_suffix(".log").open("wb") as log:
            self._child = subprocess.Popen(
                command,
                cwd=town.folder,
                env={**clean_environment(), **told},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> CliSubmission:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()

    def runs(self) -> bool:
        """Has it not ended yet?"""
        return self._child.poll() is None

    def results(self) -> dict[str, Result]:
        """Wait for the end; the result of every row, by the row's key."""
        self.ended()
        with self._out.open("rb") as lines:
            rows = [orjson.loads(line) for line in lines]
        found: dict[str, Result] = {row["key"]: (row["state"], row["entry_id"], row["version"]) for row in rows}
        assert len(found) == len(rows), "one result per row"
        return found

    def ended(self) -> None:
        """Wait for the end, which must be one of those that a file can come to."""
        status = self._child.wait(_ENDS_WITHIN_S)
        assert status in _SAID, self._out.with_suffix(".log").read_text("utf-8", "replace")[-2_000:]
