"""Debezium's connector and Kafka Connect as locked Maven artefacts, for the comparison alone.

`python -m ops.bench.debezium_jars` chooses the versions anew and writes the lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ops.local.jars import choose, class_path, jar_folder, locked

DEBEZIUM_VERSION: Final = "3.4.0.Final"
CONNECT_VERSION: Final = "4.1.1"
"""The Kafka Connect that this Debezium is built for; it talks to newer brokers."""
WANTED: Final = (
    f"io.debezium:debezium-connector-postgres:{DEBEZIUM_VERSION}",
    f"org.apache.kafka:connect-runtime:{CONNECT_VERSION}",
    f"org.apache.kafka:connect-json:{CONNECT_VERSION}",
    f"org.apache.kafka:kafka-tools:{CONNECT_VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
LOCK: Final = Path(__file__).with_name("debezium.lock.toml")


def debezium_class_path() -> str:
    """What `java -cp` is to be told; the jars are fetched the first time. Raises JarsUnavailable."""
    return class_path(jar_folder(f"debezium-{DEBEZIUM_VERSION}", LOCK), LOCK)


if __name__ == "__main__":
    LOCK.write_text(choose(WANTED, "python -m ops.bench.debezium_jars"), "utf-8")
    print(f"{len(locked(LOCK))} jars are locked in {LOCK.name}.")
