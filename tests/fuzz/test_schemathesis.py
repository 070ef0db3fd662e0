"""Schemathesis asks the running application what its own OpenAPI document allows, and what it does not allow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tests.fuzz.checks import WITHOUT_RIGHTS
from tests.journeys.programs import clean_environment
from tests.journeys.town import TOKEN, Town

ROOT: Final = Path(__file__).parents[2]
CONFIGURATION: Final = ROOT / "tests/fuzz/schemathesis.toml"
WITHIN_S: Final = 3_000
# Who asks: the headers, and whether they have any rights. More kinds of callers are more lines.
IDENTITIES: Final[Mapping[str, tuple[Mapping[str, str], bool]]] = MappingProxyType(
    {
        "nobody": ({}, False),
        "somebody with a wrong token": ({"Authorization": f"Bearer {TOKEN}x"}, False),
        "somebody with the token": ({"Authorization": f"Bearer {TOKEN}"}, True),
    }
)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_the_application_is_as_its_document_says_whoever_asks(
    town: Town, tmp_path: Path, identity: str, fuzz_seed: int, fuzz_examples: int
) -> None:
    headers, has_rights = IDENTITIES[identity]
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
