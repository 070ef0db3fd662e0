"""What is wrong with Kafka or a topic, in words that say which one and what to do."""

from __future__ import annotations

from typing import Final

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.port import StreamUnavailable

_REFUSALS: Final = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)


def unanswered(settings: KafkaSettings, error: BaseException) -> StreamUnavailable:
    """Nobody answers at the address, or not those who are not known; the library's own log says more."""
    if isinstance(error, _REFUSALS):
        who = settings.certificate_file or settings.username or "nobody"
        return StreamUnavailable(
            f"Kafka at {settings.bootstrap_servers} refuses {who} ({error.message}); see: lgsp topics acls --check"
        )
    return StreamUnavailable(f"Kafka at {settings.bootstrap_servers} does not answer ({type(error).__name__})")


def topic_missing(topic: str) -> StreamUnavailable:
    """Nobody made it: brokers must not make topics by themselves."""
    return StreamUnavailable(f"topic {topic} does not exist on this Kafka; make it with: lgsp topics apply")


def topic_differs(topic: str, found: int, wanted: int) -> StreamUnavailable:
    """Another number of partitions puts keys elsewhere than the contract says."""
    return StreamUnavailable(
        f"topic {topic} has {found} partitions instead of {wanted}, so that keys would change their partition; "
        "see: lgsp topics check"
    )
