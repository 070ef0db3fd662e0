"""Settings: what the operator says reaches the rooms, and what makes no sense is refused at the start."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.app import capture_settings
from gateway.settings import Settings
from gateway.wiring.limits import target_settings, verification_settings


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """No file of this folder speaks."""
    monkeypatch.setenv("LGSP_SETTINGS_FILE", str(tmp_path / "none.toml"))


def test_how_long_a_feed_is_left_alone_is_a_setting_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_CAPTURE__BREAKER_FAILURES", "3")
    monkeypatch.setenv("LGSP_CAPTURE__BREAKER_OPEN_S", "0.25")
    monkeypatch.setenv("LGSP_CAPTURE__BREAKER_OPEN_LONGEST_S", "1.5")
    breaker = capture_settings(Settings()).breaker
    assert (breaker.failures_max, breaker.open_s, breaker.open_longest_s) == (3, 0.25, 1.5)


def test_by_default_a_feed_that_fails_once_is_asked_again_within_two_seconds() -> None:
    breaker = capture_settings(Settings()).breaker
    assert (breaker.failures_max, breaker.open_s, breaker.open_longest_s) == (1, 2.0, 15.0)


def test_the_targets_breaker_is_not_the_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_PROPAGATION__BREAKER_OPEN_S", "7")
    settings = Settings()
    assert target_settings(settings, "population").breaker.open_s == 7
    assert verification_settings(settings).breaker.open_s == 7
    assert capture_settings(settings).breaker.open_s == 2


@pytest.mark.parametrize("part", ["CAPTURE", "PROPAGATION"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("BREAKER_FAILURES", "0"), ("BREAKER_OPEN_S", "0"), ("BREAKER_OPEN_S", "16"), ("BREAKER_OPEN_LONGEST_S", "3601")],
)
def test_a_breaker_beyond_its_bounds_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, part: str, name: str, value: str
) -> None:
    monkeypatch.setenv(f"LGSP_{part}__{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
