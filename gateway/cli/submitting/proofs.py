"""Signed receipts of a submitted file: asked for at the end, a request for each batch, and kept as a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gateway.cli.connection import Gateway
from gateway.cli.progress import bar
from gateway.cli.receipt_files import fetch, write_receipts
from gateway.cli.session import Session
from gateway.cli.submitting.outcome import Outcome


class Proofs:
    """Which leaf of which batch stands for which row."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, int]] = {}

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Note what was taken in; a row that was not has no receipt."""
        for one in outcomes:
            if one.proof is not None:
                batch, leaf = one.proof
                self._rows.setdefault(batch, {})[leaf] = one.row

    def batches(self) -> dict[str, dict[int, int]]:
        """Batch -> leaf -> row, in the order of the file."""
        return self._rows


def keep_receipts(session: Session, gateway: Gateway, file: Path, proofs: Proofs) -> None:
    """Fetch the receipts of all rows into a file, by row. Raises CliFault, and what the gateway raises."""
    kept: list[dict[str, object]] = []
    batches = proofs.batches()
    with bar(session, "receipts.fetching", len(batches)) as advance:
        for batch, rows in batches.items():
            found = fetch(gateway.ask, batch)
            kept += [{"row": rows[leaf], **one} for leaf, one in found.items() if leaf in rows]
            advance()
    write_receipts(file, sorted(kept, key=lambda one: int(str(one["row"]))))
    session.err.print(session.say("receipts.kept", number=f"{len(kept):,}", file=file))
