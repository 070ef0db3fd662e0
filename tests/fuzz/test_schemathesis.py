"""Schemathesis asks the running application what its own OpenAPI document allows, and what it does not allow."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import orjson
import pytest

from tests.fuzz.checks import WITHOUT_RIGHTS
from tests.journeys.programs import clean_environment
from tests.journeys.town import TOKEN, Town

ROOT: Final = Path(__file__).parents[2]
CONFIGURATION: Final = ROOT / "tests/fuzz/schemathesis.toml"
WITHIN_S: Final = 3_000
# Who asks: the headers, and whether they have any rights.
IDENTITIES: Final[Mapping[str, tuple[Mapping[str, str], bool]]] = MappingProxyType(
    {
        "nobody": ({}, False),
        "somebody with a wrong token": ({"Authorization": f"Bearer {TOKEN}x"}, False),
        "somebody with the token": ({"Authorization": f"Bearer {TOKEN}"}, True),
    }
)


# With some rights and not others; asked only in long runs (`make fuzz`), since each takes as long as the three above.
LIMITED: Final[Mapping[str, str]] = {"commune_officer": "03388", "operator": "12", "system": "12"}
LONG_RUN: Final = 50


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whoever asks in this run."""
    if "identity" in metafunc.fixturenames:
        long = int(metafunc.config.getoption("--fuzz-examples")) >= LONG_RUN
        metafunc.parametrize("identity", [*IDENTITIES, *(LIMITED if long else ())])


def _headers(town: Town, role: str) -> dict[str, str]:
    """A caller with this role, whom the installation's own token makes alone on the first day."""
    kind = "client" if role == "system" else "person"
    name, agency = f"fuzz-{role.replace('_', '-')}", {"code": "H35.1", "name": "Fuzz"}
    rights = {"name": name, "kind": kind, "agency": "H35.1", "unit": LIMITED[role], "role": role, "tier": "system"}
    for path, body in (("/v1/agencies", agency), ("/v1/callers", rights)):
        assert town.http.post(path, json=body).is_success
    made = town.http.post(f"/v1/callers/{name}/keys", json={}).json()
    if kind == "person":
        return {"Authorization": f"Bearer {made['secret']}"}
    said = {"AccessKey": made["access_key"], "SecretKey": made["secret_key"], "AppName": "", "PartnerCode": "H35"}
    header = base64.b64encode(orjson.dumps({**said, "PartnerCodeCus": "H35"})).decode()
    asked = {"lgspaccesstoken": header, "Authorization": ""}
    answer = town.http.post("/token", data={"grant_type": "client_credentials"}, headers=asked)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_the_application_is_as_its_document_says_whoever_asks(
    town: Town, tmp_path: Path, identity: str, fuzz_seed: int, fuzz_examples: int
) -> None:
    headers, has_rights = (_headers(town, identity), True) if identity in LIMITED else IDENTITIES[identity]
    arguments = [
        *("--config-file", str(CONFIGURATION), "run", f"{town.url}/v1/openapi.json"),
        *("--seed", str(fuzz_seed), "--max-examples", str(fuzz_examples), "--no-color"),
        *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}")),
    ]
    environment = {**clean_environment(), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    if not has_rights:
        environment[WITHOUT_RIGHTS] = "1"
    asked = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout[-20_000:]
    assert "30 selected" in asked.stdout or " selected /" in asked.stdout, asked.stdout[:1_000]
