"""What is fit for trying things out only is named in production, and the worst stops the start (requirement 39)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from gateway.cli.doctor import doctor, local_checks
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.readiness import weak_callers
from gateway.cli.serve import prepare
from gateway.clock import instant, system_clock
from gateway.security.keyring import Keyring, KeysUnusable, load, load_or_create
from gateway.settings import Settings
from gateway.store import callers, migrations
from gateway.store.callers import CallerKey, Rights
from gateway.store.engine import Database
from gateway.wiring import weaknesses
from gateway.wiring.weaknesses import Weakness

LONG: Final = "x" * 32
SECRETS: Final = (
    *("PLATFORM__ACCESS_KEY", "PLATFORM__SECRET_KEY"),
    *(f"VERIFICATION__OFFICER_{name}" for name in ("NUMBER", "KEY_NAME", "KEY_PASS")),
)
STRONG: Final = {
    "MODE": "production",
    "DATABASE__URL": "sqlite:///data/lgsp.sqlite3",
    "KEYS__FILE": "keys/keys.json",
    "KEYS__ERASURES": "ledger/erasures.jsonl",
    "HTTP__TOKEN_FILE": "keys/token",
}
Given = Callable[..., Settings]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Given:
    """Settings of a strong installation, but for what a test says. Each value is a variable without its prefix."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    for name in SECRETS:
        monkeypatch.setenv(f"LGSP_{name}", "012190000001")
    for folder in ("data", "keys", "ledger"):
        (tmp_path / folder).mkdir()

    def settings(**said: str) -> Settings:
        for name, value in {**STRONG, **said}.items():
            monkeypatch.setenv(f"LGSP_{name}", value)
        load_or_create(Settings().keys.file)
        return Settings()

    return settings


def told(settings: Settings) -> list[str]:
    return [one.detail for one in local_checks(settings, "en") if one.part == "weak"]


def test_a_strong_installation_has_no_weakness(given: Given) -> None:
    settings = given(HTTP__TOKEN=LONG, HTTP__HOST="0.0.0.0", CALLERS__PUBLIC_URL="https://lgsp.example.vn")
    assert list(weaknesses.weaknesses(settings)) == []
    assert told(settings) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"HTTP__TOKEN": LONG[1:]}, Weakness("token-short", "LGSP_HTTP__TOKEN", stops=True)),
        ({"KEYS__FILE": "data/keys.json"}, Weakness("keys-beside-database", "LGSP_KEYS__FILE")),
        ({"KEYS__ERASURES": "data/erasures.jsonl"}, Weakness("ledger-beside-database", "LGSP_KEYS__ERASURES")),
        ({"HTTP__TOKEN": LONG, "HTTP__HOST": "0.0.0.0"}, Weakness("door-in-clear", "LGSP_CALLERS__PUBLIC_URL")),
        (
            {"HTTP__TOKEN": LONG, "HTTP__HOST": "::", "CALLERS__PUBLIC_URL": "http://lgsp.example.vn"},
            Weakness("door-in-clear", "LGSP_CALLERS__PUBLIC_URL"),
        ),
        ({"LOG__LEVEL": "debug"}, Weakness("log-debug", "LGSP_LOG__LEVEL")),
    ],
)
def test_requirement_39_a_weak_setting_is_named_with_what_to_do(
    given: Given, said: dict[str, str], found: Weakness
) -> None:
    settings = given(**said)
    assert list(weaknesses.weaknesses(settings)) == [found]
    (sentence,) = told(settings)
    assert found.what in sentence
    assert told(given(**{**said, "MODE": "development"})) == []


@pytest.mark.parametrize("name", ["keys/keys.json", "ledger/erasures.jsonl", "keys/token", "lgsp.toml"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_requirement_39_a_secret_file_that_others_can_read_or_change_stops_the_start(
    given: Given, name: str, mode: int
) -> None:
    settings = given()
    Path(name).touch()
    Path(name).chmod(mode)
    with pytest.raises(CliFault) as refused:
        prepare(settings, "all", "en")
    assert (refused.value.key, refused.value.code) == ("error.weak", ExitCode.CONFIGURATION)
    assert f"chmod 600 {name}" in str(refused.value.values)
    Path(name).chmod(0o600)
    assert list(weaknesses.weaknesses(settings)) == []


def test_a_secret_that_a_container_was_handed_may_be_readable_there_and_never_writable(
    given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    monkeypatch.setattr(weaknesses, "_OF_A_CONTAINER", secrets)
    settings = given(KEYS__FILE=str(secrets / "keys.json"))
    settings.keys.file.chmod(0o444)
    assert list(weaknesses.weaknesses(settings)) == []
    settings.keys.file.chmod(0o666)
    assert [one.code for one in weaknesses.weaknesses(settings)] == ["file-open"]


@pytest.mark.parametrize("weak", [bytes(32), b"password" * 4, bytes(range(15)) + bytes(17)])
def test_requirement_39_a_weak_key_stops_the_start(given: Given, weak: bytes) -> None:
    file = given().keys.file
    good = Keyring.generate()
    assert load(file) != good
    document = json.loads(file.read_text("utf-8"))
    for name in ("index", "sender_key"):
        file.write_text(json.dumps({**document, name: base64.b64encode(weak).decode()}), "utf-8")
        with pytest.raises(KeysUnusable, match="a key is weak"):
            load(file)
    file.write_text(json.dumps({**document, "index": document["token"]}), "utf-8")
    with pytest.raises(KeysUnusable, match="two are the same"):
        load(file)


def test_doctor_counts_administrators_and_knows_the_demonstration(given: Given) -> None:
    settings = given()
    migrations.upgrade(settings.database.url)
    database = Database(settings.database.url)
    at = instant(system_clock())

    def person(name: str, role: str) -> None:
        with database.write() as connection:
            callers.put(connection, name, Rights("person", "H35", "12", role, "operator", ()), at)
            key = CallerKey(f"{name:0<16}"[:16], name, "cli", name.encode(), None, at, None, None)
            callers.add_key(connection, key)

    def said() -> str:
        return " ".join(weak_callers(settings, database, "en"))

    person("mai", "administrator")
    assert "valid key: 1; 2 are needed" in said()
    person("toan", "administrator")
    assert said() == (
        "The installation's own token still opens everything. There are two administrators: "
        "set LGSP_CALLERS__INSTALLATION_TOKEN=false"
    )
    settings = given(CALLERS__INSTALLATION_TOKEN="false")
    assert said() == ""
    person("can-bo-xa", "province_officer")
    assert "demonstration are active: can-bo-xa" in said()
    database.close()


def test_doctor_calls_nothing_strong_that_it_has_not_seen(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    given()
    doctor(as_json=True, lang="en")
    checks = json.loads(capsys.readouterr().out)["checks"]
    (weak,) = [one for one in checks if one["part"] == "weak"]
    assert (weak["state"], "was not looked at" in weak["detail"]) == ("failed", True)


def test_keys_from_the_environment_lie_beside_nothing(given: Given) -> None:
    text = given(KEYS__FILE="data/keys.json").keys.file.read_text("utf-8")
    settings = given(KEYS__FILE="data/keys.json", KEYS__TEXT=text)
    assert "keys-beside-database" not in {one.code for one in weaknesses.weaknesses(settings)}
