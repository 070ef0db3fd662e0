"""What is wrong with a topic, in words that say which one and what to do."""

from __future__ import annotations

from gateway.stream.port import StreamUnavailable


def topic_missing(topic: str) -> StreamUnavailable:
    """Nobody made it: brokers must not make topics by themselves."""
    return StreamUnavailable(f"topic {topic} does not exist on this Kafka; make it with: lgsp topics apply")


def topic_differs(topic: str, found: int, wanted: int) -> StreamUnavailable:
    """Another number of partitions puts keys elsewhere than the contract says."""
    return StreamUnavailable(
        f"topic {topic} has {found} partitions instead of {wanted}, so that keys would change their partition; "
        "see: lgsp topics check"
    )
