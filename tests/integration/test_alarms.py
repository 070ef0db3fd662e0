"""The alarms: Prometheus's own program takes them, each comes when it should, and each names a metric and a runbook."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from typing import Any, Final

import pytest
import yaml

from ops.local.debian import program
from tests.architecture.tree import ROOT

FOLDER: Final = ROOT / "ops/prometheus"
RULES: Final[list[dict[str, Any]]] = yaml.safe_load((FOLDER / "rules.yml").read_text("utf-8"))["groups"][0]["rules"]
BOARD: Final[dict[str, Any]] = json.loads((ROOT / "ops/grafana/boards/lgsp.json").read_text("utf-8"))
PARTS: Final = ("bucket", "count", "sum")
A_METRIC: Final = re.compile(r"lgsp_[a-z_]+")


@pytest.fixture(scope="module")
def promtool() -> str:
    return program("promtool", "prometheus")


def metrics() -> set[str]:
    """The catalogue's names, with what Prometheus makes of a histogram."""
    with (ROOT / "gateway/observability/catalogue.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    histograms = [row["name"] for row in rows if row["kind"] == "histogram"]
    return {row["name"] for row in rows} | {f"{name}_{part}" for name in histograms for part in PARTS}


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "rules.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("test", "rules", "rules.test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_own_program_takes_them(promtool: str, arguments: tuple[str, ...]) -> None:
    done = subprocess.run([promtool, *arguments], cwd=FOLDER, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_names_metrics_that_are_there_a_page_that_helps_and_says_it_in_both_languages(
    rule: dict[str, Any],
) -> None:
    named = set(A_METRIC.findall(rule["expr"]))
    assert named <= metrics()
    assert named or 'up{job="lgsp"}' in rule["expr"]
    page, _, heading = rule["annotations"]["runbook"].partition("#")
    text = (ROOT / page).read_text("utf-8")
    assert not heading or f"## {heading.replace('-', ' ')}" in text.lower()
    assert " / " in rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_panel_of_the_board_shows_metrics_that_are_there() -> None:
    expressions = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
    assert len(expressions) > 15
    named = {name for expression in expressions for name in A_METRIC.findall(expression)}
    assert named <= metrics()
    without_histograms = {name.removesuffix("_bucket") for name in named}
    with (ROOT / "gateway/observability/catalogue.csv").open(encoding="utf-8") as table:
        shown_nowhere = {row["name"] for row in csv.DictReader(table)} - without_histograms
    assert shown_nowhere == {"lgsp_intake_flush_rows"}


def test_every_runbook_but_those_without_a_metric_has_an_alarm() -> None:
    pages = {file.name for file in (ROOT / "ops/runbooks").glob("*.md")}
    named = {rule["annotations"]["runbook"].removeprefix("ops/runbooks/").partition("#")[0] for rule in RULES}
    assert named <= pages
    assert pages - named == {"disagreement.md", "keys.md"}
