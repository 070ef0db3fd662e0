"""What a process measures: each number by the name, kind, unit and labels that `catalogue.csv` gives it.

Rooms count with plain integers where they work; nothing is formatted, locked or looked up until somebody scrapes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeAlias, cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family

from gateway.observability.counting import Distribution

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]
Values: TypeAlias = Mapping[tuple[str, ...], float]
"""Values of labels, in the catalogue's order -> the number."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the catalogue."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    meaning_en: str
    meaning_vi: str
    action: str


@cache
def catalogue() -> Mapping[str, Metric]:
    """Every metric that there is, by name."""
    text = (resources.files("gateway.observability") / "catalogue.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["name"]: Metric(
            row["name"],
            cast(Kind, row["kind"]),
            row["unit"],
            tuple(row["labels"].split()),
            row["meaning_en"],
            row["meaning_vi"],
            row["action"],
        )
        for row in rows
    }


class Metrics:
    """One process's registry. What is asked for at a scrape may be counting at the same moment, in another thread."""

    def __init__(self) -> None:
        self._values: dict[str, list[Callable[[], Values]]] = {}
        self._distributions: dict[str, Distribution] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def add(self, name: str, read: Callable[[], Values]) -> None:
        """A counter or gauge; several readers of one name give different labels. KeyError: not in the catalogue."""
        assert catalogue()[name].kind != "histogram", name
        self._values.setdefault(name, []).append(read)

    def add_distribution(self, name: str, distribution: Distribution) -> None:
        """A histogram. KeyError: not in the catalogue."""
        assert catalogue()[name].kind == "histogram", name
        self._distributions[name] = distribution

    def page(self) -> bytes:
        """Everything, in Prometheus's text format (CONTENT_TYPE)."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Family]:
        """For the registry."""
        for name, reads in self._values.items():
            yield _family(catalogue()[name], reads)
        for name, distribution in self._distributions.items():
            yield _histogram(catalogue()[name], distribution)


def _family(metric: Metric, reads: Iterable[Callable[[], Values]]) -> Family:
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.meaning_en, labels=metric.labels)
    for read in reads:
        for labels, value in sorted(read().items()):
            assert len(labels) == len(metric.labels), metric.name
            family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, distribution: Distribution) -> Family:
    family = HistogramMetricFamily(metric.name, metric.meaning_en, labels=metric.labels)
    buckets, total = distribution.cumulated()
    family.add_metric((), [(bound, float(count)) for bound, count in buckets], total)
    return family
