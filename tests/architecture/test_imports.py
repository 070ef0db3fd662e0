"""The import rules of the house, as pyproject.toml states them for import-linter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def test_every_import_rule_holds() -> None:
    done = subprocess.run([LINT_IMPORTS, "--no-logo"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
