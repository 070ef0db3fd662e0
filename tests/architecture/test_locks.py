"""What pyproject.toml asks for is what the lock files hold."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


def _locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(found["name"]): found["version"] for found in PINNED.finditer(text)}


def _asked() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    run = [*project["project"]["dependencies"], *groups["build"]]
    dev = [*run, *groups["stack"], *(line for line in groups["dev"] if isinstance(line, str))]
    return {
        "requirements.lock": [Requirement(line) for line in run],
        "requirements-dev.lock": [Requirement(line) for line in dev],
    }


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_locked_at_a_version_it_allows(lock: str) -> None:
    locked = _locked(lock)
    missing = [
        str(asked)
        for asked in _asked()[lock]
        if not asked.specifier.contains(locked.get(canonicalize_name(asked.name), "0"))
    ]
    assert missing == [], "run `make lock`"


def test_both_locks_agree_on_every_version() -> None:
    dev = _locked("requirements-dev.lock")
    assert {name: version for name, version in _locked("requirements.lock").items() if dev.get(name) != version} == {}
