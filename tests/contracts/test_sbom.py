"""What an installation is made of is pinned by hash, and told in full to whoever asks (`make sbom`)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import orjson
import pytest
from packaging.requirements import Requirement

from tests.architecture.tree import ROOT

HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pins(name: str) -> dict[str, set[str]]:
    """Requirement -> its hashes, of a lock file."""
    lines = (ROOT / name).read_text("utf-8").replace("\\\n", " ").splitlines()
    return {line.split(" --hash", 1)[0].strip(): set(HASH.findall(line)) for line in lines if line and line[0] != "#"}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_requirement_44_every_package_has_one_version_and_its_hashes(name: str) -> None:
    for line, hashes in pins(name).items():
        assert re.fullmatch(r"==[^=*]+", str(Requirement(line).specifier)), line
        assert hashes, line


def test_requirement_44_the_bill_of_materials_names_every_package_with_its_hashes(tmp_path: Path) -> None:
    """Made as `make sbom` makes it."""
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    said = re.search(r"-m (cyclonedx_py .*?) --output-file", recipe.replace("\\\n", " "), re.DOTALL)
    assert said is not None
    out = tmp_path / "sbom.json"
    command = [sys.executable, "-W", "ignore::UserWarning", "-m", *said[1].split(), "--output-file", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    bill = orjson.loads(out.read_bytes())
    assert bill["bomFormat"] == "CycloneDX"
    told = {
        f"{one['name']}=={one['version']}": {
            known["content"] for place in one["externalReferences"] for known in place["hashes"]
        }
        for one in bill["components"]
    }
    assert told == {line.partition(" ;")[0]: hashes for line, hashes in pins("requirements.lock").items()}
    assert bill["metadata"]["component"]["name"] == "lgsp-connector"
