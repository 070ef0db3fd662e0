"""The broker for tests keeps its promises: it is real, it is gone when its owner is, and nobody else's code is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ops.local import jars
from ops.local.kafka import KafkaUnavailable, LocalKafka
from tests.integration.owners import assert_gone_with_its_owner

OWNER = """
import time
from ops.local.kafka import LocalKafka
broker = LocalKafka()
broker.start()
print(broker.pid, broker.directory, flush=True)
time.sleep(600)
"""


def test_it_is_gone_with_its_data_when_its_owner_is_killed() -> None:
    assert_gone_with_its_owner(OWNER)


async def test_kept_data_is_there_at_the_next_start_under_the_same_address(tmp_path: Path) -> None:
    broker = LocalKafka(tmp_path / "data")
    with broker:
        address = broker.bootstrap_servers
        await _make_topic(address, "kept")
        async with AIOKafkaProducer(bootstrap_servers=address) as producer:
            await producer.send_and_wait("kept", b"still there")
    with broker:
        assert broker.bootstrap_servers == address
        async with AIOKafkaConsumer("kept", bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
            assert (await consumer.getone()).value == b"still there"


def test_a_setting_that_kafka_refuses_is_told_in_its_own_words() -> None:
    with pytest.raises(KafkaUnavailable, match="no-such-role"):
        LocalKafka(settings={"process.roles": "no-such-role"}).start()


def test_a_jar_with_other_contents_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = jars.kafka_folder()
    monkeypatch.setenv(jars.CACHE_VARIABLE, str(tmp_path))
    forged = tmp_path / "lgsp" / honest.name / "jars"
    forged.mkdir(parents=True)
    for jar in jars.locked():
        (forged / jar.file_name).symlink_to(honest / "jars" / jar.file_name)
    assert jars.kafka_folder() == forged.parent
    chosen = forged / jars.locked()[0].file_name
    chosen.unlink()
    chosen.write_bytes(b"something else")
    with pytest.raises(jars.JarsUnavailable, match="is not what"):
        jars.kafka_folder()


def test_every_jar_is_locked_with_its_hash_and_version() -> None:
    found = jars.locked()
    assert {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in found} >= set(jars.WANTED)
    assert len({jar.file_name for jar in found}) == len(found)
    assert all(len(jar.sha256) == 64 for jar in found)


async def _make_topic(address: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    await admin.close()
