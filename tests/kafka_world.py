"""What tests of Kafka need: topics of their own on a shared broker, made and removed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import WORKER_CHANGED, Topic
from gateway.stream.kafka import KafkaSettings

LOOKS_MAX = 200


def own_settings(address: str) -> KafkaSettings:
    """Groups of this test alone."""
    return KafkaSettings(
        address, group_prefix=f"test-{secrets.token_hex(4)}.", replication=1, request_timeout_s=5, session_timeout_s=6
    )


def own_topic() -> Topic:
    """Like the one of the house, under a name of its own. Not yet made."""
    return replace(WORKER_CHANGED, name=f"test.{secrets.token_hex(6)}", replication=1, in_sync_min=1)


@asynccontextmanager
async def administration(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """The library's own client, as a witness beside ours."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make(address: str, topics: Sequence[Topic], **configs: str) -> None:
    """Make topics by the library alone."""
    async with administration(address) as admin:
        made = await admin.create_topics(
            [NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=configs) for topic in topics]
        )
        assert [error for _, error, *_ in made.topic_errors if error] == []
        # Brokers hear of a new topic a moment later than whoever made it.
        for _ in range(LOOKS_MAX):
            if {topic.name for topic in topics} <= set(await admin.list_topics()):
                break
            await asyncio.sleep(0.02)


async def remove(address: str, topics: Iterable[Topic]) -> None:
    """Delete topics; files of a thousand partitions would slow the broker down."""
    async with administration(address) as admin:
        await admin.delete_topics([topic.name for topic in topics])


async def properties_of(address: str, topic: Topic) -> dict[str, str]:
    """What the broker says of a topic."""
    async with administration(address) as admin:
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
        ((_, _, _, _, entries),) = response.resources
        return {entry[0]: entry[1] for entry in entries}
