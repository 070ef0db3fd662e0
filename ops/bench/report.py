"""The table on the terminal, and the same as JSON with the commit, the versions and the machine."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.table import Table

from ops.bench.figures import Row
from ops.bench.sizes import Sizes

_PACKAGES: Final = ("fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "orjson", "sqlalchemy", "psycopg")


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title="Medians, and ratios within this run", title_justify="left", show_lines=True)
    for name in ("row", "database", "what", "figures", "ratios"):
        table.add_column(name)
    for row in rows:
        table.add_row(str(row.number), row.database, row.what, _lines(row.figures), _lines(row.ratios))
    Console().print(table)


def write(rows: Sequence[Row], sizes: Sizes, machine: Mapping[str, object], file: Path) -> None:
    """Write everything, rounds included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": machine,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in _PACKAGES},
        "sizes": sizes,
        "rows": [asdict(row) for row in rows],
    }
    file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")


def machine() -> dict[str, object]:
    """Processors, memory, and how busy it was in the minute before; ask before measuring."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    memory_gb = math.floor(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e8) / 10
    return {"cpus": os.cpu_count(), "model": model, "memory_gb": memory_gb, "load_before": os.getloadavg()[0]}


def _lines(figures: Mapping[str, float]) -> str:
    return "\n".join(f"{name} {cut(value)}" for name, value in figures.items())


def cut(value: float) -> str:
    """Three digits, the rest cut off: nothing is rounded up."""
    if value == 0 or abs(value) >= 100:
        return f"{math.trunc(value):,}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return str(math.trunc(value * 10**digits) / 10**digits)


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607 - the developer's own git

    changed = "+changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + changed
