"""A file of many rows, the gateway killed in the middle and again later, and everything equal at the end.

`python -m tests.journeys.acceptance --rows 100000` starts everything, submits a generated file, kills the
gateway with SIGKILL while rows are being taken and again while they are being sent on, starts it again, submits the
whole file once more under the same keys, waits for rest, compares, and prints what it found. Ends with 0 when all is
well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias

from mock_services.files.entries import EntryPlan
from mock_services.files.writers import write_entries
from mock_services.instants import today
from mock_services.people.world import World
from tests.journeys.equality import Comparison, compare
from tests.journeys.ledger import Ledger, read_ledger
from tests.journeys.place import SYSTEMS
from tests.journeys.submitting import Sender, count_rows
from tests.journeys.submitting_by_cli import CliSubmission, Result
from tests.journeys.town import TOKEN, Town
from tests.services import fresh_database, postgres

SEED: Final = 7
_FLAWED: Final = 0.02
_DIFFERENCES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Submitted:
    """The file, submitted twice with a kill in the middle of the first time."""

    acknowledged_before_the_kill: int
    results: dict[str, Result]
    """By the row's key, as first given."""
    changed: int
    """Rows whose result was another one the second time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run came to."""

    rows: int
    states: Counter[str]
    """Results by state."""
    acknowledged_before_the_kill: int
    results_changed: int
    ledger: Ledger
    comparison: Comparison
    held: dict[str, int]
    """People whom each simulated system holds."""
    submit_s: float
    rest_s: float

    def faults(self) -> list[str]:
        """Whatever should not be; empty when all is well."""
        ledger, found = self.ledger, self.comparison
        stored = self.rows - self.states["refused"]
        expected = {
            "every row has a result": sum(self.states.values()) == self.rows,
            "the gateway was killed in the middle": 0 < self.acknowledged_before_the_kill < self.rows,
            "no result changed when the row was sent again": self.results_changed == 0,
            "each row that was not refused is stored once": ledger.entries == ledger.keys == stored,
            "each person's versions are 1..n": ledger.people_with_gaps == 0,
            "positions have no gap, and nothing is pending": ledger.positions == ledger.events
            and ledger.positions_with_gaps == ledger.pending == 0,
            "most people are verified": found.verified > 0.9 * found.people,
            "nobody differs in any system": not found.differences,
            "every verified person was compared in every system": all(
                found.equal[name] + sum(count for (target, _), count in found.unsayable.items() if target == name)
                >= found.verified
                for name in SYSTEMS
            ),
            "no system holds anybody whom we did not send": all(
                self.held[name] == found.equal[name] for name in SYSTEMS
            ),
        }
        return [what for what, holds in expected.items() if not holds]

    def lines(self) -> list[str]:
        """The summary, for people."""
        found = self.comparison
        shown = [f"  {one.worker_id} {one.target}: {', '.join(one.fields)}" for one in found.differences]
        return [
            f"rows {self.rows}: " + ", ".join(f"{state} {count}" for state, count in sorted(self.states.items())),
            f"acknowledged before the first kill: {self.acknowledged_before_the_kill}",
            f"submitted in {self.submit_s:.1f} s ({self.rows / self.submit_s:.0f} rows/s), "
            f"at rest {self.rest_s:.1f} s later",
            f"people {found.people}, verified {found.verified}, events {self.ledger.events}",
            *(
                f"{name}: equal {found.equal[name]}, holds {self.held[name]}, states {self.ledger.target_states[name]}"
                for name in SYSTEMS
            ),
            *(f"cannot be said to {target}: {cause} {count}" for (target, cause), count in found.unsayable.items()),
            f"differences: {len(found.differences)}",
            *shown[:_DIFFERENCES_SHOWN],
        ]


def run(town: Town, file: Path, submit: Submit) -> Outcome:
    """The whole story, in a town that runs."""
    rows = count_rows(file)
    started_s = time.monotonic()
    submitted = submit(town, file, rows)
    submitted_s = time.monotonic()
    # Everybody is acknowledged; most are still to be verified and sent.
    town.gateway.kill()
    town.start_gateway()
    town.until_rest(within_s=max(120.0, rows / 10))
    rested_s = time.monotonic()
    return Outcome(
        rows=rows,
        states=Counter(state for state, *_ in submitted.results.values()),
        acknowledged_before_the_kill=submitted.acknowledged_before_the_kill,
        results_changed=submitted.changed,
        ledger=read_ledger(town.database_url),
        comparison=compare(town.environment()),
        held={name: town.mock(name, "GET", "health")["held"] for name in SYSTEMS},
        submit_s=submitted_s - started_s,
        rest_s=rested_s - submitted_s,
    )


def by_http(town: Town, file: Path, rows: int) -> Submitted:
    """As a program that knows nothing after the kill but its file, and so sends all of it again."""
    sender = Sender(town.url, TOKEN)
    try:
        submitting = threading.Thread(target=sender.send, args=(file,), kwargs={"persist": False})
        submitting.start()
        town.until(lambda: len(sender.receipts) >= rows / 3 or not submitting.is_alive(), "a third", rows)
        town.gateway.kill()
        submitting.join()
        acknowledged = len(sender.receipts)
        town.start_gateway()
        sender.send(file)
    finally:
        sender.close()
    found = {key: (one["state"], one["id"], one["version"]) for key, one in sender.receipts.items()}
    return Submitted(acknowledged, found, len(sender.changed))


def by_cli(town: Town, file: Path, rows: int) -> Submitted:
    """As a person: the command goes on by itself when the gateway is back; then once more from the first row."""
    folder = town.folder
    with CliSubmission(town, file, folder / "first.jsonl") as command:
        town.until(lambda: _stored(town) >= rows / 3 or not command.runs(), "a third", rows)
        acknowledged = _stored(town)
        town.gateway.kill()
        town.start_gateway()
        first = command.results()
    with CliSubmission(town, file, folder / "second.jsonl", "--no-resume") as command:
        second = command.results()
    return Submitted(acknowledged, first, sum(first.get(key) != result for key, result in second.items()))


def _stored(town: Town) -> int:
    counts: dict[str, int] = town.get("/v1/status")["entries"]
    return sum(counts.values())


def generate(file: Path, rows: int) -> None:
    """Entries of a world of as many people, some of them faulty."""
    write_entries(file, EntryPlan(World(rows, SEED), "mixed", today().date() - timedelta(days=1), _FLAWED))


Submit: TypeAlias = Callable[[Town, Path, int], Submitted]
WAYS: Final[Mapping[str, Submit]] = {"http": by_http, "cli": by_cli}


def main() -> int:
    """Run, print, and answer the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.acceptance", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--by", choices=sorted(WAYS), default="cli")
    options = parser.parse_args()
    with ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="lgsp-acceptance-")))
        url = f"sqlite:///{folder / 'lgsp.sqlite3'}"
        if options.database == "postgresql":
            url = until_the_end.enter_context(fresh_database(until_the_end.enter_context(postgres())))
        file = folder / "entries.jsonl"
        generate(file, options.rows)
        town = until_the_end.enter_context(Town(folder, url, people=options.rows, seed=SEED))
        outcome = run(town, file, WAYS[options.by])
    print("\n".join(outcome.lines()))
    faults = outcome.faults()
    print("\n".join(f"FAULT: not so: {fault}" for fault in faults) or "all is well")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
