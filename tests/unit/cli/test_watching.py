"""What the story says when something is late: how many wait, and why if the status knows."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.cli.demonstration.watching import Watcher


def test_what_still_moves_is_told_with_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"target": "labour_market", "state": "due", "people": 3, "cause": "unreachable"},
        {"target": "population", "state": "sending", "people": 2, "cause": None},
        {"target": "population", "state": "settled", "people": 9, "cause": None},
    ]
    status: dict[str, Any] = {
        "targets": {"rows": rows},
        "relay": {"pending": 0},
        "verification": {"people": {"waiting": 0}},
    }
    watcher = Watcher("http://127.0.0.1:1", "token", "vi")
    monkeypatch.setattr(watcher, "get", lambda _path: status)
    assert watcher.moving() == "labour_market: 3 (unreachable), population: 2"
    watcher.close()
