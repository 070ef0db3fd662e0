"""What the relay cannot beat: the same records to Kafka without a database, by aiokafka and by Kafka's own tool."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from gateway.relay.headers import headers_of
from gateway.stream.partitioner import partition_of
from ops.bench.backlog import Made
from ops.bench.broker import PARTITIONS
from ops.local.kafka_image import find_image

BATCH_BYTES_MAX: Final = 900_000
"""As our own producer's."""
_PROGRAM: Final = "org.apache.kafka.tools.ProducerPerformance"
_SAID: Final = re.compile(r"(\d{1,18}) records sent, ([\d.]{1,30}) records/sec")
_TIMEOUT_S: Final = 120.0


async def send_batches(servers: str, topic: str, events: Sequence[Made]) -> float:
    """Seconds for all events by `send_batch`, partitioned as the contract says, until the last is acknowledged."""
    options: dict[str, Any] = {"acks": "all", "enable_idempotence": True, "max_batch_size": BATCH_BYTES_MAX}
    headers = [(name, value.encode()) for name, value in headers_of(events[0].body).items()]
    async with AIOKafkaProducer(bootstrap_servers=servers, **options) as producer:
        await producer.partitions_for(topic)
        begun = time.perf_counter()
        lanes: list[deque[tuple[bytes, bytes]]] = [deque() for _ in range(PARTITIONS)]
        for event in events:
            lanes[partition_of(event.worker_id, PARTITIONS)].append((event.worker_id.encode(), event.body))
        await asyncio.gather(*(_lane(producer, topic, number, lane, headers) for number, lane in enumerate(lanes)))
        return time.perf_counter() - begun


async def _lane(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    lane: deque[tuple[bytes, bytes]],
    headers: list[tuple[str, bytes]],
) -> None:
    while lane:
        batch = producer.create_batch()
        while lane and batch.append(timestamp=None, key=lane[0][0], value=lane[0][1], headers=headers) is not None:
            lane.popleft()
        batch.close()
        await (await producer.send_batch(batch, topic, partition=partition))


def performance_test(servers: str, topic: str, count: int, body_bytes: int) -> float:
    """Records/s that Kafka's own ProducerPerformance reports: acks=all, no key, the same number and size."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "producer.properties"
        file.write_text(f"bootstrap.servers={servers}\nacks=all\nenable.idempotence=true\n")
        size = ["--num-records", str(count), "--record-size", str(body_bytes), "--throughput", "-1"]
        command = [*find_image().command(_PROGRAM), "--topic", topic, *size, "--command-config", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    return reported_rate(done.stdout, count, done.stderr)


def reported_rate(said: str, count: int, complaint: str = "") -> float:
    """Records/s of the tool's last line, which speaks of all records. Raises RuntimeError."""
    for sent, rate in reversed(_SAID.findall(said)):
        if int(sent) == count:
            return float(rate)
    raise RuntimeError(f"Kafka's ProducerPerformance said: {(said + complaint)[-1_000:]}")
