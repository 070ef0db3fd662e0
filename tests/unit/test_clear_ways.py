"""What would leave the machine unencrypted is named, and stops the start in production (requirement 41)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.doctor import local_checks
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import prepare
from gateway.settings import Settings
from gateway.wiring.clear_ways import ways_in_clear

DATABASE, KAFKA = "LGSP_DATABASE__CA_FILE", "LGSP_KAFKA__SECURITY_PROTOCOL"
FAR = "postgresql+psycopg://lgsp:x@db.example.vn/lgsp"
SECRETS = (
    *("PLATFORM__ACCESS_KEY", "PLATFORM__SECRET_KEY"),
    *(f"VERIFICATION__OFFICER_{name}" for name in ("NUMBER", "KEY_NAME", "KEY_PASS")),
)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file of this folder speaks, and nothing is missing but what a test takes away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("LGSP_DATABASE__URL", raising=False)
    for name in SECRETS:
        monkeypatch.setenv(f"LGSP_{name}", "012190000001")


def _set(monkeypatch: pytest.MonkeyPatch, **said: str) -> Settings:
    for name, value in said.items():
        monkeypatch.setenv(f"LGSP_{name}", value)
    return Settings()


@pytest.mark.parametrize(
    ("said", "clear"),
    [
        ({}, ()),
        ({"DATABASE__URL": FAR}, (DATABASE,)),
        ({"DATABASE__URL": f"{FAR}?sslmode=require"}, (DATABASE,)),
        ({"DATABASE__URL": f"{FAR}?sslmode=verify-ca"}, (DATABASE,)),
        ({"DATABASE__URL": f"{FAR}?sslmode=verify-full&sslrootcert=ca.pem"}, ()),
        ({"DATABASE__URL": FAR, "DATABASE__CA_FILE": "ca.pem"}, ()),
        ({"DATABASE__URL": "postgresql+psycopg://lgsp@/lgsp?host=/run/postgresql"}, ()),
        ({"DATABASE__URL": "postgresql+psycopg://lgsp@/lgsp?host=db.example.vn"}, (DATABASE,)),
        ({"DATABASE__URL": "postgresql+psycopg://lgsp@127.0.0.1/lgsp"}, ()),
        ({"DATABASE__URL": "postgresql+psycopg://lgsp@10.0.0.1/lgsp"}, (DATABASE,)),
        ({"DATABASE__URL": "postgresql+psycopg://lgsp@localhost/lgsp?hostaddr=10.0.0.1"}, (DATABASE,)),
        ({"KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092,[::1]:9092"}, ()),
        ({"KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092,kafka:9092"}, (KAFKA,)),
        ({"KAFKA__BOOTSTRAP_SERVERS": "kafka:9092", "STREAM__KIND": "embedded"}, ()),
        ({"KAFKA__BOOTSTRAP_SERVERS": "kafka:9093", "KAFKA__SECURITY_PROTOCOL": "SSL"}, ()),
        ({"DATABASE__URL": FAR, "KAFKA__BOOTSTRAP_SERVERS": "kafka:9092"}, (DATABASE, KAFKA)),
    ],
)
def test_requirement_41_what_leaves_the_machine_in_clear_is_named(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], clear: tuple[str, ...]
) -> None:
    assert ways_in_clear(_set(monkeypatch, **said)) == clear


def test_requirement_41_a_way_in_clear_stops_the_start_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _set(monkeypatch, MODE="production", DATABASE__URL=FAR, KAFKA__BOOTSTRAP_SERVERS="kafka:9092")
    with pytest.raises(CliFault) as refused:
        prepare(settings, "api", "en")
    assert (refused.value.key, refused.value.code) == ("error.ways-in-clear", ExitCode.CONFIGURATION)
    assert refused.value.values == {"names": f"{DATABASE}, {KAFKA}"}


@pytest.mark.parametrize(("mode", "state"), [("production", "failed"), ("development", "warning")])
def test_doctor_names_a_way_in_clear(monkeypatch: pytest.MonkeyPatch, mode: str, state: str) -> None:
    settings = _set(monkeypatch, MODE=mode, KAFKA__BOOTSTRAP_SERVERS="kafka:9092")
    (check,) = [one for one in local_checks(settings, "en") if one.part == "tls"]
    assert check.state == state
    assert KAFKA in check.detail
