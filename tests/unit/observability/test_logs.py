"""One event is one line, whoever says it and whatever it quotes (requirement 36)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_SAYING = """
import logging, structlog
from gateway.observability.logs import configure
configure({log_format!r}, "info")
text = "a\\r\\nb\\x1b[31mc\\u2028d\\x85e"
structlog.get_logger("ours").info("ours.thing_happened", said=text)
logging.getLogger("theirs").warning("they say %s", text)
try:
    raise ValueError(text)
except ValueError:
    logging.getLogger("theirs").exception("failed")
"""


def _said(log_format: str) -> str:
    command = [sys.executable, "-c", _SAYING.format(log_format=log_format)]
    ran = subprocess.run(command, check=True, capture_output=True)
    return ran.stderr.decode("utf-8")


def test_every_event_is_one_json_line_with_what_was_said_escaped() -> None:
    lines = [json.loads(line) for line in _said("json").split("\n") if line]
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert lines[0]["said"] == "a\r\nb\x1b[31mc\u2028d\x85e"
    assert lines[1]["event"] == "they say a\\x0d\\x0ab\\x1b[31mc\\x2028d\\x85e"
    assert "ValueError" in lines[2]["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_nothing_that_a_terminal_obeys_is_written_out(log_format: str) -> None:
    ours_and_theirs = _said(log_format).split("Traceback")[0]
    assert not any(sign in ours_and_theirs for sign in ("\x1b", "\r", "\u2028", "\x85"))
