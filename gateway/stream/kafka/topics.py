"""Topics as `contracts/topics.csv` wants them: made where they are absent, compared, and mended where that is harmless.

Partitions and replicas are never changed here: more partitions would put keys elsewhere than their earlier events, and
replicas are moved by the cluster's own tools.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from contracts.topics import TOPICS, Topic
from gateway.stream.kafka.connection import client_options
from gateway.stream.kafka.faults import unanswered
from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.port import StreamUnavailable

DriftKind: TypeAlias = Literal["missing", "mendable", "fixed"]
"""`missing`: the topic is absent. `mendable`: `apply` corrects it. `fixed`: only people can, see the runbook."""
MS_PER_DAY: Final = 86_400_000
LOOKS_MAX: Final = 50
LOOK_AGAIN_S: Final = 0.1
_MADE_MEANWHILE: Final = TopicAlreadyExistsError.errno


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a topic and its row. `what` is `topic`, `partitions`, `replication` or a property."""

    topic: str
    what: str
    wanted: str
    found: str
    kind: DriftKind


class TopicsRefused(Exception):
    """The cluster answers, but does not do what was asked; the message is its own."""


def properties(topic: Topic, replication: int) -> dict[str, str]:
    """What a topic's properties have to be, as Kafka names them."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(topic.retention_days * MS_PER_DAY),
        "min.insync.replicas": str(topic.in_sync_of(replication)),
        "max.message.bytes": str(topic.record_bytes_max),
        "message.timestamp.type": "CreateTime",
    }


async def check(settings: KafkaSettings, topics: Iterable[Topic] = TOPICS) -> list[Drift]:
    """Every difference; nothing is changed. Raises StreamUnavailable."""
    async with administration(settings) as admin:
        return await _compare(admin, settings, list(topics))


async def apply(settings: KafkaSettings, topics: Iterable[Topic] = TOPICS) -> list[Drift]:
    """Make and mend what can be; answers what was done and, as `fixed`, what was left. Raises StreamUnavailable,
    TopicsRefused.
    """
    wanted = {topic.name: topic for topic in topics}
    async with administration(settings) as admin:
        drifts = await _compare(admin, settings, list(wanted.values()))
        await _make(admin, settings, [wanted[drift.topic] for drift in drifts if drift.kind == "missing"])
        for name in sorted({drift.topic for drift in drifts if drift.kind == "mendable"}):
            await _mend(admin, settings, wanted[name])
        await _until_seen(admin, settings, list(wanted.values()))
    return drifts


def differences(topic: Topic, replication: int, partitions: Mapping[int, int], found: Mapping[str, str]) -> list[Drift]:
    """Pure comparison. `partitions`: number of replicas by partition; `found`: properties."""
    drifts = []
    if len(partitions) != topic.partitions:
        drifts.append(Drift(topic.name, "partitions", str(topic.partitions), str(len(partitions)), "fixed"))
    if copies := sorted({str(count) for count in partitions.values() if count != replication}):
        drifts.append(Drift(topic.name, "replication", str(replication), ", ".join(copies), "fixed"))
    for name, wanted in properties(topic, replication).items():
        if found.get(name) != wanted:
            drifts.append(Drift(topic.name, name, wanted, found.get(name, ""), "mendable"))
    return drifts


async def _until_seen(admin: AIOKafkaAdminClient, settings: KafkaSettings, topics: list[Topic]) -> None:
    """Brokers hear of a change a moment after it was accepted; who asks them next is to see it."""
    for _ in range(LOOKS_MAX):
        try:
            drifts = await _compare(admin, settings, topics)
        except TopicsRefused:  # one broker knows the topic, the one asked now does not yet
            drifts = None
        if drifts is not None and all(drift.kind == "fixed" for drift in drifts):
            return
        await asyncio.sleep(LOOK_AGAIN_S)
    raise StreamUnavailable("the brokers accepted the changes, but do not show them yet; see: lgsp topics check")


def _replication(settings: KafkaSettings, topic: Topic) -> int:
    return topic.replication if settings.replication is None else settings.replication


@asynccontextmanager
async def administration(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that administers. Raises StreamUnavailable, also for what fails inside."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        async with asyncio.timeout(settings.request_timeout_s * 3):
            await admin.start()
            yield admin
    except (KafkaError, TimeoutError, OSError) as error:
        raise unanswered(settings, error) from error
    finally:
        await admin.close()


async def _compare(admin: AIOKafkaAdminClient, settings: KafkaSettings, topics: list[Topic]) -> list[Drift]:
    there = set(await admin.list_topics())
    drifts = [Drift(topic.name, "topic", topic.name, "", "missing") for topic in topics if topic.name not in there]
    present = [topic for topic in topics if topic.name in there]
    if not present:
        return drifts
    described = {one["topic"]: one for one in await admin.describe_topics([topic.name for topic in present])}
    found = await _properties_of(admin, present)
    for topic in present:
        partitions = {one["partition"]: len(one["replicas"]) for one in described[topic.name]["partitions"]}
        drifts += differences(topic, _replication(settings, topic), partitions, found[topic.name])
    return drifts


async def _properties_of(admin: AIOKafkaAdminClient, topics: list[Topic]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for error, message, _, name, entries in response.resources:
            raise_for(error, message)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def _make(admin: AIOKafkaAdminClient, settings: KafkaSettings, topics: list[Topic]) -> None:
    if not topics:
        return
    wanted = [_new(topic, _replication(settings, topic)) for topic in topics]
    answer = await admin.create_topics(wanted)
    for _, error, message in answer.topic_errors:
        if error != _MADE_MEANWHILE:
            raise_for(error, message)


def _new(topic: Topic, replication: int) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=properties(topic, replication))


async def _mend(admin: AIOKafkaAdminClient, settings: KafkaSettings, topic: Topic) -> None:
    """The whole set at once, since this request replaces all; properties that are not ours stay as they were set."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
    own = await _own_properties(admin, resource)
    wanted = {**own, **properties(topic, _replication(settings, topic))}
    for response in await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, wanted)]):
        for error, message, *_ in response.resources:
            raise_for(error, message)


async def _own_properties(admin: AIOKafkaAdminClient, resource: ConfigResource) -> dict[str, str]:
    """Those that were set for this topic, not inherited from the broker."""
    (response,) = await admin.describe_configs([resource])
    ((error, message, _, _, entries),) = response.resources
    raise_for(error, message)
    return {name: value for name, value, *about in entries if _is_set_on_topic(about)}


def _is_set_on_topic(about: list[Any]) -> bool:
    # read_only, source, is_sensitive, synonyms; source 1 is the topic itself.
    return int(about[1]) == 1


def raise_for(error: int, message: str | None) -> None:
    """What a broker says of a part of a request. Raises TopicsRefused."""
    if error:
        raise TopicsRefused(f"{for_code(error).__name__}: {message or ''}".rstrip(": "))
