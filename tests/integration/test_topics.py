"""`lgsp topics`: absent topics are made, drift is told and mended, and what cannot be mended is left to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import orjson
import pytest

from contracts.topics import TOPICS, Topic
from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from gateway.stream.kafka import KafkaSettings, topics
from ops.local.kafka import LocalKafka
from tests.kafka_world import make, own_settings, own_topic, properties_of

Lgsp: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A broker of this module alone, since the topics of the house are made on it under their own names."""
    with LocalKafka() as broker:
        yield broker.bootstrap_servers


@pytest.fixture
def lgsp(address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lgsp:
    monkeypatch.setenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", address)
    monkeypatch.setenv("LGSP_KAFKA__REPLICATION", "1")

    def run(*arguments: str) -> tuple[int, str]:
        code = call([*arguments, "--lang", "en"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_missing_topics_are_told_made_and_then_as_wanted(lgsp: Lgsp) -> None:
    (topic,) = TOPICS
    code, told = lgsp("topics", "check")
    assert code == ExitCode.DRIFTED
    assert f"Topic {topic.name} is missing." in told
    assert "lgsp topics apply" in told
    assert lgsp("topics", "apply") == (ExitCode.OK, f"Topic {topic.name} was made.\n")
    for verb in ("apply", "check"):
        assert lgsp("topics", verb) == (ExitCode.OK, "1 topics are as in the table.\n")
    code, answer = lgsp("topics", "check", "--json")
    assert (code, orjson.loads(answer)) == (0, {"topics": [topic.name], "drifts": []})


@pytest.mark.parametrize("verb", ["apply", "check"])
def test_without_kafka_it_says_which_setting_to_give(lgsp: Lgsp, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS")
    code, told = lgsp("topics", verb)
    assert code == ExitCode.CONFIGURATION
    assert "LGSP_KAFKA__BOOTSTRAP_SERVERS" in told


def test_a_broker_that_does_not_answer_is_told(lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    code, told = lgsp("topics", "check")
    assert code == ExitCode.UNREACHABLE
    assert "127.0.0.1:1" in told


def test_the_doctor_asks_kafka_too(lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    lgsp("topics", "apply")
    assert _kafka_check(lgsp) == "ok"
    monkeypatch.setenv("LGSP_KAFKA__REPLICATION", "2")
    assert _kafka_check(lgsp) == "warning"
    monkeypatch.setenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert _kafka_check(lgsp) == "failed"


def _kafka_check(lgsp: Lgsp) -> str:
    _, answer = lgsp("doctor", "--json")
    (state,) = [
        check["state"] for check in orjson.loads(answer.partition("\n✗")[0])["checks"] if check["part"] == "kafka"
    ]
    return str(state)


@pytest.fixture
def settings(address: str) -> KafkaSettings:
    return own_settings(address)


async def test_properties_are_mended_and_others_stay(address: str, settings: KafkaSettings) -> None:
    topic = own_topic()
    await make(address, [topic], **{"cleanup.policy": "compact", "segment.ms": "3600000"})
    found = {(drift.what, drift.found, drift.kind) for drift in await topics.check(settings, [topic])}
    assert ("cleanup.policy", "compact", "mendable") in found
    assert {drift.what for drift in await topics.apply(settings, [topic])} == {what for what, _, _ in found}
    assert await topics.check(settings, [topic]) == []
    assert (await properties_of(address, topic))["segment.ms"] == "3600000"


async def test_partitions_are_never_changed(address: str, settings: KafkaSettings) -> None:
    narrow = replace(own_topic(), partitions=3)
    assert [drift.kind for drift in await topics.apply(settings, [narrow])] == ["missing"]
    wide = replace(narrow, partitions=12)
    for ask in (topics.check, topics.apply, topics.check):
        (drift,) = await ask(settings, [wide])
        assert (drift.what, drift.wanted, drift.found, drift.kind) == ("partitions", "12", "3", "fixed")


async def test_more_replicas_than_brokers_are_refused_in_the_clusters_words(settings: KafkaSettings) -> None:
    with pytest.raises(topics.TopicsRefused, match="InvalidReplicationFactor"):
        await topics.apply(replace(settings, replication=3), [own_topic()])


@pytest.mark.parametrize(("brokers", "in_sync"), [(3, 2), (2, 1), (1, 1), (5, 4)])
def test_one_broker_may_be_missing_where_there_are_several(brokers: int, in_sync: int) -> None:
    (topic,) = TOPICS
    assert topics.properties(topic, brokers)["min.insync.replicas"] == str(in_sync)


def test_no_topic_is_ever_compacted() -> None:
    compacted: list[Topic] = [t for t in TOPICS if topics.properties(t, 3)["cleanup.policy"] != "delete"]
    assert compacted == []
