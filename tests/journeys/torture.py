"""The whole stack under fire: entries come in while each part is killed with -9 twice; then everything must be right.

`python -m tests.journeys.torture --rows 20000 --seed 1` runs it at full size; `make test` runs it small. The seed
chooses the order and the moments of the kills, and the people.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from contracts.topics import WORKER_CHANGED
from tests.journeys import acceptance
from tests.journeys.equality import Comparison, compare
from tests.journeys.ledger import Ledger, read_ledger
from tests.journeys.stack_place import StackPlace
from tests.journeys.submitting import Sender, count_rows

VICTIMS: Final = ("api-1", "relay-1", "relay-2", "propagate-1", "propagate-2", "capture-1", "kafka", "postgresql")
KILLS_EACH: Final = 2
_PAUSE_S: Final = (0.5, 3.0)
_REST_WITHIN_S: Final = 300.0
_READ_WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run came to."""

    rows: int
    states: Counter[str]
    changed: list[str]
    kills: list[str]
    ledger: Ledger
    comparison: Comparison
    disordered: int
    """People whose versions do not first appear on the topic as 1..n."""
    on_topic: int
    """People of whom the topic tells."""
    healed_s: float

    def faults(self) -> list[str]:
        """Whatever should not be; empty when all is well."""
        ledger, found = self.ledger, self.comparison
        stored = self.rows - self.states["refused"]
        expected = {
            "every row has a result": sum(self.states.values()) == self.rows,
            "no result changed when a row was sent again": not self.changed,
            "each row that was not refused is stored once": ledger.entries == ledger.keys == stored,
            "each person's versions are 1..n in the store": ledger.people_with_gaps == 0,
            "positions have no gap, and nothing is pending": ledger.positions == ledger.events
            and ledger.positions_with_gaps == ledger.pending == 0,
            "versions appear on Kafka as 1..n": self.disordered == 0 and self.on_topic == ledger.people,
            "most people are verified": found.verified > 0.9 * found.people,
            "nobody differs in any system": not found.differences,
        }
        return [what for what, holds in expected.items() if not holds]

    def lines(self) -> list[str]:
        """The summary, for people."""
        return [
            f"rows {self.rows}: " + ", ".join(f"{state} {count}" for state, count in sorted(self.states.items())),
            f"killed: {', '.join(self.kills)}",
            f"people {self.ledger.people}, events {self.ledger.events}, verified {self.comparison.verified}",
            f"at rest {self.healed_s:.1f} s after the last kill and the last row",
            f"differences: {len(self.comparison.differences)}",
        ]


def run(place: StackPlace, file: Path, seed: int) -> Outcome:
    """Submit the file through the first api process, and kill meanwhile."""
    rows = count_rows(file)
    sender = Sender(place.url, place.token, rows_per_chunk=max(10, rows // 100))
    submitting = threading.Thread(target=sender.send, args=(file,))
    submitting.start()
    kills = _kill_in_turn(place, random.Random(seed))
    submitting.join()
    sender.close()
    started_s = time.monotonic()
    place.until_all_ready()
    place.until_rest(within_s=_REST_WITHIN_S + rows / 20)
    healed_s = time.monotonic() - started_s
    environment = place.environment()
    versions = _versions_on_topic(environment["LGSP_KAFKA__BOOTSTRAP_SERVERS"])
    return Outcome(
        rows=rows,
        states=Counter(receipt["state"] for receipt in sender.receipts.values()),
        changed=sender.changed,
        kills=kills,
        ledger=read_ledger(environment["LGSP_DATABASE__URL"]),
        comparison=compare(environment),
        disordered=sum(seen != list(range(1, len(seen) + 1)) for seen in versions.values()),
        on_topic=len(versions),
        healed_s=healed_s,
    )


def _kill_in_turn(place: StackPlace, chance: random.Random) -> list[str]:
    victims = [*VICTIMS] * KILLS_EACH
    chance.shuffle(victims)
    for name in victims:
        time.sleep(chance.uniform(*_PAUSE_S))
        place.kill(name)
    return victims


def _versions_on_topic(bootstrap_servers: str) -> dict[str, list[int]]:
    """Per worker the versions on the topic, each where it first appears; read by a client that is not ours."""
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": f"torture-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    reader.assign(
        [TopicPartition(WORKER_CHANGED.name, one, OFFSET_BEGINNING) for one in range(WORKER_CHANGED.partitions)]
    )
    versions: dict[str, list[int]] = {}
    ended: set[int] = set()
    while len(ended) < WORKER_CHANGED.partitions:
        message = reader.poll(_READ_WITHIN_S)
        assert message is not None, "the topic goes on answering"
        error = message.error()
        if error is not None:
            assert error.code() == KafkaError._PARTITION_EOF, str(error)
            ended.add(message.partition() or 0)
            continue
        event = orjson.loads(message.value() or b"")
        seen = versions.setdefault(event["partitionkey"], [])
        if event["sequence"] not in seen:
            seen.append(event["sequence"])
    reader.close()
    return versions


def main() -> int:
    """Exit code: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.torture", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lgsp-torture-") as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # the database's own account must be able to pass through
        file = folder / "entries.jsonl"
        acceptance.generate(file, given.rows)
        with StackPlace(folder, people=given.rows, seed=acceptance.SEED) as place:
            outcome = run(place, file, given.seed)
    faults = outcome.faults()
    sys.stdout.writelines(f"{line}\n" for line in [*outcome.lines(), *(f"NOT SO: {fault}" for fault in faults)])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
