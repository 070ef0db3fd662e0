"""Secrets as files: made once, readable by their owner's containers alone, and read by the settings."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.cli.exit_codes import ExitCode
from gateway.settings import SECRETS_VARIABLE, Settings

Lgsp = Callable[..., int]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", str(tmp_path / "none.toml"))


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_second_run_changes_nothing_and_adds_only_what_is_missing(lgsp: Lgsp, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert lgsp("secrets", "make", str(folder)) == ExitCode.OK
    before = contents(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "grafana_password").unlink()
    assert lgsp("secrets", "make", str(folder), "--simulated") == ExitCode.OK
    after = contents(folder)
    assert after["grafana_password"] != before["grafana_password"]
    assert {name: after[name] for name in before if name != "grafana_password"} == {
        name: value for name, value in before.items() if name != "grafana_password"
    }
    assert "lgsp_platform__secret_key" in after


def test_two_houses_have_nothing_in_common(lgsp: Lgsp, tmp_path: Path) -> None:
    for name in ("one", "two"):
        lgsp("secrets", "make", str(tmp_path / name))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert not set(one.values()) & set(two.values())


def test_the_settings_read_what_was_made(lgsp: Lgsp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    lgsp("secrets", "make", str(folder), "--simulated", "--database", "db.example:6432")
    monkeypatch.setenv(SECRETS_VARIABLE, str(folder))
    settings = Settings()
    password = (folder / "database_password").read_text("utf-8").strip()
    assert settings.database.url == f"postgresql+psycopg://lgsp:{password}@db.example:6432/lgsp"
    assert settings.missing_secrets() == ()
    monkeypatch.setenv("LGSP_DATABASE__URL", "sqlite:///mine.sqlite3")
    assert Settings().database.url == "sqlite:///mine.sqlite3"


def test_a_folder_that_is_not_there_is_said_so(lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRETS_VARIABLE, "/nowhere/at/all")
    assert lgsp("doctor") == ExitCode.CONFIGURATION


def test_a_folder_that_cannot_be_written_is_said_so(lgsp: Lgsp, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert lgsp("secrets", "make", str(tmp_path / "file" / "secrets")) == ExitCode.FILE


@pytest.mark.parametrize("token", [None, "short", "x" * 31])
def test_the_door_opens_beyond_loopback_only_with_a_long_token(
    monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.setenv("LGSP_HTTP__HOST", "0.0.0.0")
    if token is not None:
        monkeypatch.setenv("LGSP_HTTP__TOKEN", token)
    with pytest.raises(ValidationError, match="32 characters"):
        Settings()
    monkeypatch.setenv("LGSP_HTTP__TOKEN", "x" * 32)
    assert Settings().http.host == "0.0.0.0"
