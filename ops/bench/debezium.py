"""Debezium's outbox event router on a standalone Kafka Connect: what a team takes that does not write a relay."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from ops.bench.debezium_jars import debezium_class_path
from ops.local.kafka_image import find_image, write_properties
from ops.local.ports import free_port

TOPIC: Final = "bench.outbox"
CONNECTOR: Final = "outbox"
_STRINGS: Final = "org.apache.kafka.connect.storage.StringConverter"
_WITHIN_S: Final = 90.0
_LOOK_AGAIN_S: Final = 0.1


class Debezium:
    """One connector in a process of its own. `pause` ends its task, so that a backlog gathers behind its slot."""

    def __init__(self, folder: Path, servers: str, database_url: str) -> None:
        self._url = f"http://127.0.0.1:{free_port()}"
        worker, connector = folder / "connect.properties", folder / "connector.properties"
        write_properties(worker, _worker(folder, servers, self._url))
        write_properties(connector, _connector(database_url))
        java = [str(find_image().java), "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        program = "org.apache.kafka.connect.cli.ConnectStandalone"
        self._log = folder / "connect.log"
        with self._log.open("wb") as log:
            command = [*java, "-cp", debezium_class_path(), program, str(worker), str(connector)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_ready(self, has_slot: Callable[[], bool]) -> None:
        """Until its task runs and its replication slot is read. Raises RuntimeError."""
        deadline = time.monotonic() + _WITHIN_S
        while not (self._is("RUNNING") and has_slot()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                said = self._log.read_text("utf-8", "replace")[-2_000:]
                raise RuntimeError(f"Debezium was not ready within {_WITHIN_S:.0f} s; it said: {said}")
            time.sleep(_LOOK_AGAIN_S)

    def pause(self, has_slot: Callable[[], bool]) -> None:
        """End the task, and wait until nobody reads the slot."""
        self._ask("stop", "PUT")
        deadline = time.monotonic() + _WITHIN_S
        while has_slot():
            if time.monotonic() > deadline:
                raise RuntimeError("Debezium's task did not end")
            time.sleep(_LOOK_AGAIN_S)

    def resume(self) -> None:
        """Start the task anew; it reads on where it was."""
        self._ask("resume", "PUT")

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is(self, state: str) -> bool:
        try:
            told = self._ask("status", "GET")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return bool(told["tasks"]) and all(task["state"] == state for task in told["tasks"])

    def _ask(self, verb: str, method: str) -> Any:
        asked = urllib.request.Request(f"{self._url}/connectors/{CONNECTOR}/{verb}", method=method)  # noqa: S310 - as below
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - always http on loopback
            said = answer.read()
        return json.loads(said) if said else None


def _worker(folder: Path, servers: str, url: str) -> Mapping[str, str]:
    return {
        "bootstrap.servers": servers,
        "listeners": url,
        "key.converter": _STRINGS,
        "value.converter": _STRINGS,
        "offset.storage.file.filename": str(folder / "connect.offsets"),
        "offset.flush.interval.ms": "1000",
        "producer.acks": "all",
        "producer.enable.idempotence": "true",
    }


def _connector(database_url: str) -> Mapping[str, str]:
    url = make_url(database_url)
    return {
        "name": CONNECTOR,
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        "database.hostname": str(url.host),
        "database.port": str(url.port),
        "database.user": str(url.username),
        "database.password": str(url.password),
        "database.dbname": str(url.database),
        "topic.prefix": "bench",
        "plugin.name": "pgoutput",
        "slot.name": CONNECTOR,
        "publication.autocreate.mode": "filtered",
        "snapshot.mode": "no_data",
        "table.include.list": "public.outbox",
        "tombstones.on.delete": "false",
        # It waits so long for more before it hands on what it has; with its own 500 ms half a second is its latency.
        "poll.interval.ms": "5",
        "transforms": "outbox",
        "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
        "transforms.outbox.route.topic.replacement": TOPIC,
    }
