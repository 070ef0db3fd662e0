"""The whole stack under fire: entries come in while each part is killed with -9 twice; then everything must be right.

`python -m tests.journeys.torture --rows 20000 --seed 1` runs it at full size; `make test` runs it small. The seed
chooses the order and the moments of the kills, and the people.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from tests.journeys import acceptance
from tests.journeys.equality import Comparison, compare
from tests.journeys.ledger import Ledger, read_ledger
from tests.journeys.planted.faults import PLANTS
from tests.journeys.programs import clean_environment
from tests.journeys.stack_place import StackPlace
from tests.journeys.submitting import Sender, count_rows
from tests.journeys.topic import TopicFaults, read_topic

VICTIMS: Final = (
    "api-1",
    "relay-1",
    "relay-2",
    "propagate-1",
    "propagate-2",
    "capture-1",
    "watch-1",
    "kafka",
    "postgresql",
)
KILLS_EACH: Final = 2
REFUSING: Final = "labour_market"
_PAUSE_S: Final = (0.5, 3.0)
_REST_WITHIN_S: Final = 300.0
REFUSED_OF: Final = 40
"""One person in so many is refused by the labour market until people look at the dead letters."""


@dataclass(frozen=True, slots=True)
class WatcherSays:
    """What the house itself says of what arrived."""

    is_content: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run came to."""

    rows: int
    states: Counter[str]
    changed: list[str]
    kills: list[str]
    ledger: Ledger
    comparison: Comparison
    topic: TopicFaults
    refused: frozenset[str]
    """Workers whom the labour market would not take for a while."""
    letters: frozenset[str]
    """Workers whom the dead letters named then."""
    letters_left: int
    """Dead letters once everybody was retried."""
    watcher: WatcherSays
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
            "versions appear on Kafka as 1..n": self.topic.disordered == 0 and self.topic.people == ledger.people,
            "each event lies where its key says": self.topic.misplaced == 0,
            "each event on Kafka is the stored one, byte for byte": self.topic.altered == 0,
            "whoever was refused was shown as a dead letter": self.refused <= self.letters,
            "retried dead letters are gone": self.letters_left == 0,
            "the watcher finds every version in its place": self.watcher.is_content,
            "most people are verified": found.verified > 0.9 * found.people,
            "nobody differs in any system": not found.differences,
        }
        return [what for what, holds in expected.items() if not holds]

    def lines(self) -> list[str]:
        """The summary, for people."""
        return [
            f"rows {self.rows}: " + ", ".join(f"{state} {count}" for state, count in sorted(self.states.items())),
            f"killed: {', '.join(self.kills)}",
            f"refused for a while: {len(self.refused)}, shown as dead letters: {len(self.letters)}",
            f"people {self.ledger.people}, events {self.ledger.events}, verified {self.comparison.verified}",
            f"at rest {self.healed_s:.1f} s after the last kill and the last row",
            f"the watcher: {self.watcher.sentence}",
            f"differences: {len(self.comparison.differences)}",
        ]


def run(place: StackPlace, file: Path, seed: int, victims: Sequence[str] = VICTIMS) -> Outcome:
    """Submit the file through the first api process while parts are killed; then look at everything."""
    rows = count_rows(file)
    refused = _refuse_some(place, file)
    sender = Sender(place.url, place.token, rows_per_chunk=max(10, rows // 100))
    submitting = threading.Thread(target=sender.send, args=(file,))
    submitting.start()
    kills = _kill_in_turn(place, random.Random(seed), victims)
    submitting.join()
    sender.close()
    started_s = time.monotonic()
    place.until_all_ready()
    place.until_rest(within_s=_REST_WITHIN_S + rows / 20)
    healed_s = time.monotonic() - started_s
    letters = _letters(place)
    place.heal()
    assert place.http.post("/v1/dead-letters/retry", json={"target": REFUSING}).status_code == 200
    place.until_rest(within_s=_REST_WITHIN_S)
    environment = place.environment()
    accepted = {key: one["worker_id"] for key, one in sender.receipts.items() if one["state"] == "accepted"}
    return Outcome(
        rows=rows,
        states=Counter(receipt["state"] for receipt in sender.receipts.values()),
        changed=sender.changed,
        kills=kills,
        ledger=read_ledger(environment["LGSP_DATABASE__URL"]),
        comparison=compare(environment),
        topic=read_topic(environment),
        refused=frozenset(accepted[key] for key in refused if key in accepted),
        letters=letters,
        letters_left=len(_letters(place)),
        watcher=_ask_the_watcher(environment),
        healed_s=healed_s,
    )


def _refuse_some(place: StackPlace, file: Path) -> list[str]:
    """The keys of the rows of those whom the labour market refuses from now on."""
    with file.open("rb") as lines:
        rows = [orjson.loads(line) for line in lines]
    chosen = [row for row in rows[::REFUSED_OF] if row["fields"].get("so_dinh_danh")]
    for row in chosen:
        place.fault(REFUSING, "refuse_person", person=row["fields"]["so_dinh_danh"])
    return [row["key"] for row in chosen]


def _ask_the_watcher(environment: Mapping[str, str]) -> WatcherSays:
    """`lgsp watch run --once`, as people do after a disaster."""
    command = [sys.executable, "-m", "gateway.cli", "watch", "run", "--once", "--lang", "en"]
    whole = {**clean_environment(), **environment, "COLUMNS": "400"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600, env=whole)
    return WatcherSays(done.returncode == 0, (done.stdout.strip() or done.stderr.strip())[-2_000:])


def _letters(place: StackPlace) -> frozenset[str]:
    return frozenset(letter["worker_id"] for letter in place.everything("/v1/dead-letters", target=REFUSING))


def _kill_in_turn(place: StackPlace, chance: random.Random, victims: Sequence[str]) -> list[str]:
    turns = [*victims] * KILLS_EACH
    chance.shuffle(turns)
    for name in turns:
        time.sleep(chance.uniform(*_PAUSE_S))
        place.kill(name)
    return turns


def main() -> int:
    """Exit code: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.torture", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a fault that the run must find")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lgsp-torture-") as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # the database's own account must be able to pass through
        file = folder / "entries.jsonl"
        acceptance.generate(file, given.rows)
        with StackPlace(folder, people=given.rows, seed=acceptance.SEED, plant=given.plant) as place:
            outcome = run(place, file, given.seed)
    faults = outcome.faults()
    sys.stdout.writelines(f"{line}\n" for line in [*outcome.lines(), *(f"NOT SO: {fault}" for fault in faults)])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
