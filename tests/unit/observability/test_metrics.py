"""Metrics have the names, kinds and labels of the catalogue, and no others."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.observability.counting import Distribution, Tally
from gateway.observability.metrics import Metrics, catalogue

NAME = re.compile(r"lgsp_[a-z]+(_[a-z]+)*")
LABELS = {"state", "route", "method", "code", "target", "source", "outcome", "group", "stage", "case"}


@pytest.mark.parametrize("name", catalogue())
def test_a_row_of_the_catalogue_says_everything(name: str) -> None:
    metric = catalogue()[name]
    assert NAME.fullmatch(name)
    assert metric.kind in {"counter", "gauge", "histogram"}
    assert name.endswith("_total") == (metric.kind == "counter")
    assert name.endswith("_seconds") == (metric.unit == "seconds")
    assert set(metric.labels) <= LABELS, "a label is one of a few words of ours, never a person"
    assert metric.meaning_en
    assert metric.meaning_vi
    assert metric.action


def test_what_was_counted_is_on_the_page() -> None:
    tally, rows, metrics = Tally(("accepted",)), Distribution((1, 4)), Metrics()
    metrics.add("lgsp_entries_total", tally.values)
    metrics.add_distribution("lgsp_intake_flush_rows", rows)
    tally.add(("refused",), 3)
    for size in (1, 2, 4, 9):
        rows.add(size)
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for sample in family.samples
    }
    assert samples == {
        ("lgsp_entries_total", "accepted"): 0,
        ("lgsp_entries_total", "refused"): 3,
        ("lgsp_intake_flush_rows_bucket", "1"): 1,
        ("lgsp_intake_flush_rows_bucket", "4"): 3,
        ("lgsp_intake_flush_rows_bucket", "+Inf"): 4,
        ("lgsp_intake_flush_rows_count",): 4,
        ("lgsp_intake_flush_rows_sum",): 16,
    }


def test_what_the_catalogue_does_not_name_cannot_be_measured() -> None:
    with pytest.raises(KeyError):
        Metrics().add("lgsp_people_named_lo", dict)
