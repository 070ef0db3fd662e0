"""The stream on Apache Kafka; nothing outside this package imports aiokafka."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.topics import TOPICS, Topic
from gateway.stream.kafka import library_talk
from gateway.stream.kafka.producing import Producing
from gateway.stream.kafka.publisher import Publisher
from gateway.stream.kafka.reader import KafkaConsumer
from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.port import Outcome, StreamRecord, StreamUnavailable, UnknownTopic

__all__ = ["KafkaSettings", "KafkaStream"]


class KafkaStream:
    """See `gateway.stream.port.Stream`. Consumers of one group share the partitions."""

    def __init__(self, settings: KafkaSettings, topics: Iterable[Topic] = TOPICS) -> None:
        """Nothing is opened before the first call."""
        library_talk.listen()
        self._settings = settings
        self._topics = {topic.name: topic for topic in topics}
        self._producing = Producing(settings)
        self._publisher = Publisher(settings, self._producing)
        self._consumers: list[KafkaConsumer] = []

    async def publish(self, records: Sequence[StreamRecord]) -> list[Outcome]:
        """See Stream."""
        topics = {record.topic: self._topic(record.topic) for record in records}
        return await self._publisher.publish(records, topics)

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """See Stream."""
        names = [self._topic(topic).name for topic in topics]
        consumer = KafkaConsumer(self._settings, group, names, self._consumers.remove)
        self._consumers.append(consumer)
        return consumer

    async def ready(self) -> bool:
        """See Stream."""
        try:
            await self._producing.producer(self._topics.values())
            return await self._producing.answers()
        except (StreamUnavailable, TimeoutError):
            return False

    async def close(self) -> None:
        """See Stream."""
        for consumer in list(self._consumers):
            await consumer.close()
        await self._producing.close()

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            raise UnknownTopic(name)
        return self._topics[name]
