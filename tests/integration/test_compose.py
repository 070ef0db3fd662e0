"""docker-compose.yml, as Docker Compose itself reads it, says nothing that the product does not have."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gateway.cli.doctor import setting_lines
from gateway.roles import ROLES
from gateway.settings import SECRETS_VARIABLE, Settings
from mock_services.__main__ import _parser as mocks_parser
from ops.local.compose_loader import ComposeFault, resolve
from tests.architecture.tree import ROOT
from tests.contracts.test_pages_commands import fault_of

FILE: Final = ROOT / "docker-compose.yml"
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text("utf-8")
DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
OURS: Final = "lgsp-connector:"
SECRET: Final = re.compile(r"(KEY|PASS|PASSWORD|TOKEN|SECRET|URL)$")
ROLES_WITH_METRICS: Final = {"api", "relay", "propagate", "capture", "watch"}

Model = dict[str, Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return resolve(FILE)


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[str, str], Model]:
    """The model of a copy in which one thing reads otherwise."""

    def alter(old: str, new: str) -> Model:
        text = FILE.read_text("utf-8")
        assert old in text, old
        for name in ("ops", "secrets"):
            if (ROOT / name).exists() and not (tmp_path / name).exists():
                (tmp_path / name).symlink_to(ROOT / name)
        copy = tmp_path / FILE.name
        copy.write_text(text.replace(old, new), "utf-8")
        return resolve(copy)

    return alter


def ours(model: Model) -> Iterator[tuple[str, Model]]:
    """The services made of our image."""
    return ((name, one) for name, one in model["services"].items() if one["image"].startswith(OURS))


def wrong_commands(model: Model) -> list[str]:
    found = [f"{name}: {said}" for name, one in ours(model) if (said := fault_of(list(one["command"]))) is not None]
    served = ((name, one["command"]) for name, one in ours(model) if one["command"][0] == "serve")
    return found + [f"{name}: {command[1]}" for name, command in served if command[1] not in ROLES]


def wrong_settings(model: Model, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """Variables that are no setting, and environments from which a process would not start."""
    known = {line.variable for line in setting_lines(Settings())} | {SECRETS_VARIABLE}
    found = []
    for name, one in ours(model):
        given = one.get("environment") or {}
        found += [f"{name}: {variable}" for variable in given if variable.startswith("LGSP_") and variable not in known]
        with monkeypatch.context() as alone:
            alone.setenv(SECRETS_VARIABLE, str(folder))
            for variable, value in given.items():
                if variable != SECRETS_VARIABLE:
                    alone.setenv(variable, value)
            try:
                Settings()
            except ValueError as error:
                found.append(f"{name}: {error}")
    return found


def missing_mounts(model: Model) -> list[str]:
    """Files of ours that are mounted and are not there; ./secrets is made by the first command."""
    return [
        mount["source"]
        for one in model["services"].values()
        for mount in one.get("volumes", [])
        if mount["type"] == "bind" and Path(mount["source"]).name != "secrets" and not Path(mount["source"]).exists()
    ]


@pytest.fixture
def secret_files(tmp_path: Path) -> Path:
    """What the services find in /run/secrets, as far as it matters here."""
    folder = tmp_path / "run-secrets"
    folder.mkdir()
    (folder / "lgsp_http__token").write_text("t" * 43, "utf-8")
    return folder


def test_every_command_is_one_that_the_program_takes(model: Model) -> None:
    assert wrong_commands(model) == []
    assert len(list(ours(model))) == 12


def test_every_variable_is_a_setting_and_every_process_would_start(
    model: Model, monkeypatch: pytest.MonkeyPatch, secret_files: Path
) -> None:
    assert wrong_settings(model, monkeypatch, secret_files) == []


def test_every_file_that_is_mounted_is_there(model: Model) -> None:
    assert missing_mounts(model) == []


def test_every_role_of_the_gateway_runs_and_the_database_and_topics_are_made_first(model: Model) -> None:
    commands = [tuple(one["command"]) for _, one in ours(model)]
    assert {command[1] for command in commands if command[0] == "serve"} == ROLES_WITH_METRICS
    assert commands.count(("serve", "api")) == 2
    assert commands.count(("serve", "propagate")) == 2
    for name, one in ours(model):
        if one["command"][0] == "serve":
            waits = {service: how["condition"] for service, how in one["depends_on"].items()}
            assert waits == dict.fromkeys(("migrate", "topics"), "service_completed_successfully"), name


def test_every_port_that_is_published_or_scraped_is_one_that_its_process_listens_on(model: Model) -> None:
    services = model["services"]
    for name, one in ours(model):
        published = {port["target"] for port in one.get("ports", [])}
        assert published <= {int((one.get("environment") or {}).get("LGSP_HTTP__PORT", "0"))}, name
    scrape = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text("utf-8"))["scrape_configs"]
    targets = {target for job in scrape for group in job["static_configs"] for target in group["targets"]}
    serving = [(name, one["environment"]) for name, one in ours(model) if one["command"][0] == "serve"]
    listening = {f"{name}:{environment['LGSP_METRICS__PORT']}" for name, environment in serving}
    assert targets == listening
    (mocks,) = (one for name, one in ours(model) if name == "mocks")
    ports = mocks_parser().parse_args(mocks["command"][1:]).ports.split(",")
    addresses = {value for value in services["api-1"]["environment"].values() if value.startswith("http://mocks:")}
    assert addresses == {f"http://mocks:{port}" for port in ports}


def test_what_is_published_is_published_on_loopback_alone(model: Model) -> None:
    published = [(name, port) for name, one in model["services"].items() for port in one.get("ports", [])]
    assert {port["host_ip"] for _, port in published} == {"127.0.0.1"}
    assert len({port["published"] for _, port in published}) == len(published)


def test_every_image_is_pinned_by_its_digest(model: Model) -> None:
    foreign = {one["image"] for one in model["services"].values() if not one["image"].startswith(OURS)}
    assert len(foreign) == 4
    assert [image for image in foreign if not DIGEST.search(image)] == []
    assert "latest" not in FILE.read_text("utf-8")


def test_every_service_has_limits_drops_rights_and_says_how_it_is(model: Model) -> None:
    for name, one in model["services"].items():
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        once = name in {"secrets", "migrate", "topics"}
        assert once or {"cpus", "memory"} <= set(one["deploy"]["resources"]["limits"]), name
        assert once or one["healthcheck"]["test"][0] == "CMD", name
        assert one.get("read_only") or name == "kafka", name


def test_no_secret_stands_in_an_environment_and_each_one_used_is_declared(model: Model) -> None:
    for name, one in model["services"].items():
        for variable, value in (one.get("environment") or {}).items():
            is_secret = SECRET.search(variable) and not variable.endswith("BASE_URL")
            assert not is_secret or str(value).startswith("/run/secrets/"), f"{name}: {variable}"
    used = {secret["source"] for one in model["services"].values() for secret in one.get("secrets", [])}
    assert used == set(model["secrets"])


def test_the_command_that_makes_the_secrets_makes_every_one_of_them(model: Model, tmp_path: Path) -> None:
    from gateway.cli.secret_files import make

    make(tmp_path / "secrets", "postgresql:5432", with_simulated=True, lang="en")
    assert {Path(one["file"]).name for one in model["secrets"].values()} == {
        file.name for file in (tmp_path / "secrets").iterdir()
    }


def test_the_image_runs_without_rights_and_says_how_it_is() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^ENTRYPOINT \[\"lgsp\"\]$", DOCKERFILE, re.MULTILINE)
    assert "gateway.cli.alive" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    (base,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert DIGEST.search(base)


def test_the_image_has_nothing_of_its_base_but_what_it_needs() -> None:
    *_, last = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    assert last.startswith("scratch\n")
    assert "essentials.py" in DOCKERFILE
    assert re.findall(r"^(?:RUN|SHELL)\b", last, re.MULTILINE) == [], "there is no shell to run it"
    for line in re.findall(r"^(?:HEALTHCHECK.*CMD|ENTRYPOINT|CMD) (.*)$", last, re.MULTILINE):
        assert line.startswith("["), "a string would be given to a shell"


def test_the_image_gets_everything_that_is_installed_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (\w[\w.]*)", DOCKERFILE, re.MULTILINE)) - {"requirements.lock", "pyproject.toml"}
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)
    assert {"contracts", "adapters", "gateway", "mock_services", "ops"} <= copied
    assert "*" in ignored


@pytest.mark.parametrize("old", ["healthcheck:\n      test: [CMD, pg_isready"])
def test_a_misspelt_key_is_refused(altered: Callable[[str, str], Model], old: str) -> None:
    with pytest.raises(ComposeFault, match="helthcheck"):
        altered(old, old.replace("healthcheck", "helthcheck"))


def test_a_command_that_is_none_is_found(altered: Callable[[str, str], Model]) -> None:
    assert wrong_commands(altered("[serve, capture]", "[serve, --capture]")) != []
    assert wrong_commands(altered("[serve, capture]", "[serve, watcher]")) == ["capture: watcher"]
    assert wrong_commands(altered("[db, upgrade]", "[db, migrate]")) != []


def test_a_variable_that_is_none_and_a_value_that_is_wrong_are_found(
    altered: Callable[[str, str], Model], monkeypatch: pytest.MonkeyPatch, secret_files: Path
) -> None:
    misspelt = altered("LGSP_KAFKA__REPLICATION", "LGSP_KAFKA__REPLICAS")
    assert any("REPLICAS" in one for one in wrong_settings(misspelt, monkeypatch, secret_files))


def test_a_value_out_of_bounds_is_found(
    altered: Callable[[str, str], Model], monkeypatch: pytest.MonkeyPatch, secret_files: Path
) -> None:
    wrong = altered('LGSP_METRICS__PORT: "9464"', 'LGSP_METRICS__PORT: "94640"')
    assert any("port" in one for one in wrong_settings(wrong, monkeypatch, secret_files))


def test_a_mount_that_is_not_there_is_found(altered: Callable[[str, str], Model]) -> None:
    assert len(missing_mounts(altered("./ops/prometheus/rules.yml", "./ops/prometheus/alarms.yml"))) == 1


def test_a_copy_without_its_files_is_no_proof(tmp_path: Path) -> None:
    copy = tmp_path / FILE.name
    shutil.copy(FILE, copy)
    assert len(missing_mounts(resolve(copy))) == 4
