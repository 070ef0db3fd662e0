"""A running gateway measures everything that the catalogue names, on an address of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from gateway.cli.exit_codes import ExitCode
from gateway.observability.metrics import catalogue
from mock_services.people.world import World
from ops.local.ports import free_port
from tests.journeys.people import People, employed, entry_of
from tests.journeys.programs import clean_environment
from tests.journeys.town import GATEWAY, Town

PEOPLE: Final = 50
SEED: Final = 5


class MeasuredTown(Town):
    """A town whose gateway is scraped."""

    def __init__(self, folder: Path) -> None:
        self.metrics_port = free_port()
        settings = {"LGSP_METRICS__PORT": str(self.metrics_port)}
        database = f"sqlite:///{folder / 'lgsp.sqlite3'}"
        super().__init__(folder, database, people=PEOPLE, seed=SEED, settings=settings)

    def page(self) -> str:
        """As Prometheus gets it."""
        answer = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return answer.text

    def families(self) -> dict[str, Metric]:
        """By the catalogue's name, those that have a number."""
        found = text_string_to_metric_families(self.page())
        return {f"{one.name}_total" if one.type == "counter" else one.name: one for one in found if one.samples}

    def number(self, name: str, **labels: str) -> float:
        """The sum of a metric's values with these labels."""
        family = self.families().get(name)
        samples = [] if family is None else family.samples
        return sum(one.value for one in samples if labels.items() <= one.labels.items())


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredTown]:
    town = MeasuredTown(tmp_path_factory.mktemp("measured"))
    with town:
        person = People(World(PEOPLE, SEED)).meet(employed)
        town.until_settled(town.accept(entry_of(person))["worker_id"])
        town.until(lambda: catalogue().keys() <= town.families().keys(), "every metric has a number")
        yield town


def test_every_metric_of_the_catalogue_is_there_with_its_kind_and_labels_and_no_other(measured: MeasuredTown) -> None:
    families = measured.families()
    assert families.keys() == catalogue().keys()
    for name, family in families.items():
        assert family.type == catalogue()[name].kind
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(catalogue()[name].labels), name


def test_what_happened_is_what_is_counted(measured: MeasuredTown) -> None:
    assert measured.number("lgsp_entries_total", state="accepted") >= 1
    assert measured.number("lgsp_http_requests_total", route="/v1/entries", method="POST", code="201") == 1
    assert measured.number("lgsp_relay_leader") == 1
    assert measured.number("lgsp_published_total") >= 1
    assert measured.number("lgsp_deliveries_total", state="settled") >= 3
    measured.until(lambda: measured.number("lgsp_target_rows", state="settled") == 3, "three settled rows are seen")
    measured.until(
        lambda: measured.number("lgsp_verifications", outcome="verified") == 1, "one verified person is seen"
    )
    assert measured.number("lgsp_target_paused") == 0


def test_a_path_that_somebody_makes_up_makes_no_label(measured: MeasuredTown) -> None:
    measured.http.get("/v1/no-such-thing/012090000001")
    measured.http.request("PROPFIND", "/v1/workers/012090000002")
    assert measured.number("lgsp_http_requests_total", route="none", code="404") >= 1
    assert measured.number("lgsp_http_requests_total", method="OTHER") == 1
    assert "no-such-thing" not in measured.page()
    assert "PROPFIND" not in measured.page()


def test_no_person_is_on_the_page(measured: MeasuredTown) -> None:
    person = People(World(PEOPLE, SEED)).meet(employed)
    worker_id = measured.http.post("/v1/workers/lookup", json={"personal_number": person.personal_number}).json()
    measured.get(f"/v1/workers/{worker_id['items'][0]['worker_id']}")
    page = measured.page()
    assert worker_id["items"][0]["worker_id"] not in page
    assert person.personal_number not in page
    assert measured.number("lgsp_http_requests_total", route="/v1/workers/{worker_id}") >= 1


def test_the_public_door_shows_no_metrics_and_their_door_nothing_else(measured: MeasuredTown) -> None:
    assert measured.http.get("/metrics").status_code == 404
    for path in ("/", "/v1/status", "/livez"):
        assert httpx.get(f"http://127.0.0.1:{measured.metrics_port}{path}", trust_env=False).status_code == 404


@pytest.mark.parametrize(("lang", "word"), [("vi", "Không mở được"), ("en", "cannot be opened")])
def test_a_taken_port_is_said_at_the_start(measured: MeasuredTown, lang: str, word: str) -> None:
    environment = {**clean_environment(), **measured.environment(), "LGSP_HTTP__PORT": "0"}
    command = [sys.executable, *GATEWAY, "all", "--lang", lang]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == ExitCode.CONFIGURATION
    assert word in done.stderr
    assert f"127.0.0.1:{measured.metrics_port}" in done.stderr
    assert "LGSP_METRICS__PORT" in done.stderr
