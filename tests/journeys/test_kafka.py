"""The story of one entry with a real Kafka in the middle, also while it is away."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.stream.kafka import KafkaSettings, topics
from mock_services.people.world import World
from ops.local.kafka import LocalKafka
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town

PEOPLE = 300
SEED = 13


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalKafka]:
    broker = LocalKafka(tmp_path / "kafka")
    with broker:
        asyncio.run(topics.apply(KafkaSettings(broker.bootstrap_servers, replication=1)))
        yield broker


@pytest.fixture
def town(tmp_path: Path, postgres_url: str, broker: LocalKafka) -> Iterator[Town]:
    settings = {
        "LGSP_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "LGSP_KAFKA__REQUEST_TIMEOUT_S": "2",
        "LGSP_KAFKA__SESSION_TIMEOUT_S": "6",
    }
    with Town(tmp_path, postgres_url, people=PEOPLE, seed=SEED, settings=settings) as town:
        yield town


def test_entries_reach_every_system_over_kafka_also_those_accepted_while_it_was_dead(
    town: Town, broker: LocalKafka
) -> None:
    people = People(World(PEOPLE, SEED))
    before, during = people.meet(employed), people.meet(employed)
    worker_id = town.accept(entry_of(before, days_ago=9, cong_viec_cu_the="Trồng chè"))["worker_id"]
    town.until_settled(worker_id)

    os.kill(broker.pid, signal.SIGKILL)
    changed = town.accept(entry_of(before, days_ago=8, cong_viec_cu_the="Trồng lúa"))
    met = town.accept(entry_of(during, cong_viec_cu_the="Chăn nuôi"))
    assert (changed["worker_id"], met["version"]) == (worker_id, 1)
    broker.stop()
    broker.start()

    town.until_settled(worker_id)
    town.until_settled(met["worker_id"])
    for person, job in ((before, "Trồng lúa"), (during, "Chăn nuôi")):
        market = town.held("labour_market", person.personal_number)
        assert market is not None
        assert market["chuc_danh"] == job
    events = town.everything("/v1/events")
    assert [one["position"] for one in events] == list(range(1, len(events) + 1))
    own = [one["event"]["sequence"] for one in events if one["event"]["subject"] == worker_id]
    assert own == list(range(1, len(own) + 1))
