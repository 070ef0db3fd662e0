"""Row 1: single entries over HTTP, beside a bare endpoint and the plain ORM way, round by round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final

from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import Server, ours, rival
from ops.bench.sizes import Sizes

CLIENTS: Final = 32
_NAMES: Final = ("per_s", "p50_ms", "p99_ms")
_PER_S_MAX: Final = 9_000
"""Bodies are made before the clock starts; no server here answers more of them in a second."""
_TITLES: Final[Mapping[str, str]] = {
    "bare": "FastAPI + Pydantic, stores nothing",
    "orm": "SQLAlchemy ORM, a session and a commit per request",
    "ours": "ours: all rules, sealing, audit, relay",
}


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """The three servers' rows; ours says what share of the others' it reaches."""
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in _TITLES}
    with ExitStack() as stack:
        servers = {
            "bare": rival("bare"),
            "orm": rival("orm", place.new_database()),
            "ours": ours(place.folder, place.new_database()),
        }
        for server in servers.values():
            stack.callback(server.stop)
        for server in servers.values():
            _round(server, 0, sizes.warm_up_s)
        for number in range(1, sizes.rounds + 1):
            for name, server in servers.items():
                rounds[name].append(_round(server, number, sizes.round_s))
                if name == "ours":
                    rounds[name][-1]["relay_behind_s"] = server.settle()
    for name, title in _TITLES.items():
        row = Row(1, f"single entries, {title}", place.kind, median_of(rounds[name], _NAMES))
        row.rounds = [{figure: one[figure] for figure in _NAMES} for one in rounds[name]]
        if name == "ours":
            row.figures |= median_of(rounds[name], ("relay_behind_s",))
            row.ratios = {
                "of bare": median_ratio(rounds["ours"], rounds["bare"], "per_s", "per_s"),
                "times ORM": median_ratio(rounds["ours"], rounds["orm"], "per_s", "per_s"),
            }
        yield row


def _round(server: Server, number: int, seconds: float) -> dict[str, Any]:
    count = int(seconds * _PER_S_MAX)
    return server.measure(Load(0, "", "entries", number * count, count, CLIENTS, seconds))
