"""Tables shipped beside the code."""

from __future__ import annotations

import csv
import io
from importlib import resources


def read_rows(package: str, *path: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a package."""
    text = resources.files(package).joinpath(*path).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), strict=True))
