"""`python -m ops.bench`: measure, print, write. What is measured and against what: docs/performance.md."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from ops.bench import bulk, growth, overload, pipeline, relay, report, secured, single, single_in_stack, starting
from ops.bench.figures import Row
from ops.bench.places import Place, places
from ops.bench.profile import profile
from ops.bench.sizes import FULL, QUICK, Sizes

MEASURES: Final[dict[int, Callable[[Place, Sizes], Iterator[Row]]]] = {
    1: single.measure,
    2: bulk.measure,
    3: relay.measure,
    4: pipeline.measure,
    7: growth.measure,
    8: starting.measure,
    9: overload.measure,
}
AGAIN: Final = 1
"""The row that is measured again inside the whole topology, or by who calls, on request."""
DATABASES: Final = ("postgresql", "sqlite")


def main() -> None:
    """Read the options and do as they say."""
    given = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sizes = _sizes(given)
    machine = report.machine()
    rows: list[Row] = []
    with places(tuple(given.database or DATABASES)) as found:
        if given.profile:
            for place in found:
                profile(place, sizes)
            return
        for number in given.row or MEASURES:
            measure = _measure(number, given)
            for place in found:
                print(f"row {number}, {place.kind} ...", flush=True)
                rows += measure(place, sizes)
                report.write(rows, sizes, machine, given.out)
    report.show(rows)
    print(f"Written to {given.out}")


def _measure(number: int, given: argparse.Namespace) -> Callable[[Place, Sizes], Iterator[Row]]:
    if number == AGAIN and given.in_stack:
        return single_in_stack.measure
    return secured.measure if number == AGAIN and given.by_caller else MEASURES[number]


def _sizes(given: argparse.Namespace) -> Sizes:
    sizes = QUICK if given.quick else FULL if given.full else Sizes()
    if given.rows:
        sizes = replace(sizes, rows=given.rows)
    return replace(sizes, rounds=given.rounds) if given.rounds else sizes


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.bench", description=__doc__)
    parser.add_argument("--row", type=int, action="append", choices=sorted(MEASURES), help="only this row")
    parser.add_argument("--database", action="append", choices=DATABASES, help="only this database")
    parser.add_argument("--rows", type=_count, help="entries of the bulk row")
    parser.add_argument("--rounds", type=_count, help="rounds of each measurement")
    parser.add_argument("--quick", action="store_true", help="one short round of everything: does it run?")
    parser.add_argument("--full", action="store_true", help="a million entries, and a million people: an hour or more")
    parser.add_argument("--in-stack", action="store_true", help="row 1 alone, and on an api of the whole stack")
    parser.add_argument("--by-caller", action="store_true", help="row 1 by who calls: own token, Bearer, DPoP")
    parser.add_argument("--profile", action="store_true", help="instead: where row 1's server spends its time")
    parser.add_argument("--out", type=Path, default=Path("build/bench/bench-result.json"), help="the JSON file")
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    main()
