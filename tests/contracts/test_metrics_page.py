"""The page of metrics for readers is that of the catalogue."""

from __future__ import annotations

from gateway.cli.metrics_page import PAGE, render_page


def test_the_page_of_metrics_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m gateway.cli.metrics_page"
