"""The page of settings for readers is that of the code."""

from __future__ import annotations

import pytest

from gateway.cli.doctor import setting_lines
from gateway.cli.settings_page import PAGE, render_page
from gateway.settings import Settings


def test_the_page_of_settings_is_that_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m gateway.cli.settings_page"


def test_the_page_names_and_explains_every_setting_that_doctor_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", "none.toml")
    rows = {line.split("`")[1]: line for line in render_page().splitlines() if line.startswith("| `LGSP_")}
    shown = {line.variable: line.meaning for line in setting_lines(Settings())}
    assert rows.keys() == shown.keys()
    assert [name for name, meaning in shown.items() if not meaning or meaning not in rows[name]] == []


def test_the_page_tells_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = render_page()
    monkeypatch.setenv("LGSP_PLATFORM__SECRET_KEY", "a-secret")
    monkeypatch.setenv("LGSP_HTTP__PORT", "1")
    assert render_page() == before
