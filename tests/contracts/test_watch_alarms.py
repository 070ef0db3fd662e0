"""Every alarm has its page, and a sentence that says what to do."""

from __future__ import annotations

import pytest

from gateway.cli.texts import catalogue
from gateway.watch.alarms import STAGES, Alarm
from tests.architecture.tree import ROOT

RUNBOOK = (ROOT / "ops/runbooks/watch.md").read_text("utf-8")


@pytest.mark.parametrize("alarm", STAGES)
def test_an_alarm_is_explained_where_people_look(alarm: Alarm) -> None:
    assert f"\n## {alarm}\n" in RUNBOOK
    assert f"advice.{alarm}" in catalogue()
