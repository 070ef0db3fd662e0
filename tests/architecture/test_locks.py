"""What pyproject.toml asks for is what the lock files hold."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT, house_files

PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)

# Asked for by name, or on behalf of somebody else.
NOT_IMPORTED = {
    "aiokafka",  # the stream on Kafka
    "httptools",  # uvicorn, told so by name
    "sniffio",  # httpcore, which searches the disk for it at every request otherwise
    "uvloop",  # uvicorn, told so by name
}


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


def _modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_nothing_is_asked_for_that_nobody_imports() -> None:
    owners = packages_distributions()
    imported = {module for path in house_files() for module in _modules(path)}
    used = {canonicalize_name(owner) for module in imported for owner in owners.get(module, ())}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {canonicalize_name(Requirement(line).name) for line in project["project"]["dependencies"]}
    assert asked - used <= NOT_IMPORTED
