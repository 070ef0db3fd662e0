"""Where row 1's server spends its time: pyinstrument over its event loop and over its writer, while the load runs."""

from __future__ import annotations

from typing import Final

from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import ours
from ops.bench.single import CLIENTS
from ops.bench.sizes import Sizes

_BODIES: Final = 40_000


def profile(place: Place, sizes: Sizes) -> None:
    """Run the load against a profiled server with one writer, and print the two trees."""
    trees = place.folder / f"profile-{place.kind}.txt"
    module = ("ops.bench.profiled_server", str(trees))
    server = ours(place.folder, place.new_database(), module, INTAKE__WRITERS="1")
    try:
        server.measure(Load(0, "", "entries", 0, _BODIES, CLIENTS, sizes.warm_up_s + sizes.round_s))
    finally:
        server.stop()
    print(trees.read_text("utf-8"))
