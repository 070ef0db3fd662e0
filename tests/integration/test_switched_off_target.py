"""A target that is switched off."""

import pytest

from gateway.settings import KeySettings, Settings
from gateway.store.migrations import upgrade
from gateway.wiring import build_house

TARGETS = ("population", "social_insurance", "labour_market")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name in ("PLATFORM__ACCESS_KEY", "PLATFORM__SECRET_KEY"):
        monkeypatch.setenv(f"LGSP_{name}", "secret")
    monkeypatch.setenv("LGSP_VERIFICATION__OFFICER_NUMBER", "012070000001")
    monkeypatch.setenv("LGSP_VERIFICATION__OFFICER_KEY_NAME", "name")
    monkeypatch.setenv("LGSP_VERIFICATION__OFFICER_KEY_PASS", "pass")
    monkeypatch.setenv("LGSP_DATABASE__URL", f"sqlite:///{tmp_path}/lgsp.sqlite3")
    monkeypatch.setenv("LGSP_TARGETS__LABOUR_MARKET__ENABLED", "false")
    settings = Settings(keys=KeySettings(file=tmp_path / "keys.json"))
    upgrade(settings.database.url)
    return settings


async def test_nothing_is_sent_to_it_and_the_others_go_on(settings):
    house = build_house(settings)
    try:
        running = {name for name in house.loops if name.partition(".")[2] in TARGETS}
        assert running == {
            f"{loop}.{target}" for loop in ("wanted", "sender") for target in ("population", "social_insurance")
        }
        assert "labour_market" in house.senders, "its dead letters can still be asked for"
    finally:
        await house.stop()
