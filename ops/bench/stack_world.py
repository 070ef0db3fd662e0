"""The whole topology under measurement: `lgsp stack`, every role a process of its own, with a population of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from ops.bench.open_loop import Open, Sent, as_json, heard
from ops.local.ports import is_free
from ops.stack.folder import StackFolder
from ops.stack.topology import api_ports

SEED: Final = 11
_FIRST_PORT: Final = 18_180
_UP_WITHIN_S: Final = 300.0
_QUIET_WITHIN_S: Final = 180.0
_OPEN_WORK: Final = """
    SELECT (SELECT count(*) FROM pending)
         + (SELECT count(*) FROM target_states WHERE state IN ('due', 'sending', 'unknown'))
         + (SELECT count(*) FROM verifications WHERE next_at IS NOT NULL)
"""
_APPLIED: Final = """
    SELECT worker_id::text, target, applied_version, applied_at FROM target_states
    WHERE worker_id = ANY(%s::uuid[]) AND applied_at IS NOT NULL
"""
_STAGES: Final = """
    WITH newest AS (
        SELECT DISTINCT ON (worker_id) id, worker_id, recorded_at::timestamptz AS recorded_at FROM events
        WHERE worker_id = ANY(%s::uuid[]) ORDER BY worker_id, version DESC
    ), waited AS (
        SELECT published_at::timestamptz - recorded_at AS to_stream,
            wanted_at::timestamptz - published_at::timestamptz AS to_wanted,
            applied_at::timestamptz - wanted_at::timestamptz AS to_applied
        FROM newest JOIN positions ON event_row = newest.id JOIN target_states USING (worker_id)
        WHERE applied_at::timestamptz > recorded_at
    )
    SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY to_stream)),
        extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY to_wanted)),
        extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY to_applied)) FROM waited
"""
STAGES: Final = ("recorded_to_stream", "stream_to_wanted", "wanted_to_applied")


@dataclass(frozen=True, slots=True)
class StackWorld:
    """A stack that is up. `entries`: one per person whom the simulated systems know."""

    ports: tuple[int, ...]
    token: str
    conninfo: str
    entries: list[dict[str, Any]]

    def send(self, at_s: Sequence[float], bodies: Sequence[str]) -> Sequence[Sent]:
        """Open loop, from a process of its own. Raises RuntimeError when an answer was not a success."""
        order = as_json(Open(self.ports, self.token, tuple(at_s), tuple(bodies)))
        command = [sys.executable, "-m", "ops.bench.open_loop"]
        done = subprocess.run(command, input=order.encode(), capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"the load ended badly: {done.stderr.decode()[-2_000:]}")
        sent = heard(done.stdout)
        if wrong := [one for one in sent if one.status not in (200, 201) or one.worker_id is None]:
            raise RuntimeError(f"{len(wrong)} of {len(sent)} were not taken: {wrong[0]}")
        return sent

    def settle(self) -> None:
        """Wait until nobody has anything to do. Raises RuntimeError."""
        deadline = time.monotonic() + _QUIET_WITHIN_S
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while (left := (connection.execute(_OPEN_WORK).fetchone() or (0,))[0]) > 0:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{left} pieces of work are left after {_QUIET_WITHIN_S:.0f} s")
                time.sleep(0.2)

    def applied(self, worker_ids: Sequence[str]) -> list[tuple[str, str, int, str]]:
        """Worker, target, version and instant of what each target is known to hold."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return list(connection.execute(_APPLIED, (list(worker_ids),)).fetchall())

    def stages(self, worker_ids: Sequence[str]) -> dict[str, float]:
        """Medians over all targets of what each person's last version waited for, milliseconds."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            row = connection.execute(_STAGES, (list(worker_ids),)).fetchone() or ()
        return {f"{name}_p50_ms": float(seconds) * 1_000 for name, seconds in zip(STAGES, row, strict=True)}


@contextmanager
def stack_world(people: int) -> Iterator[StackWorld]:
    """Up within minutes, and gone afterwards. Raises RuntimeError."""
    with TemporaryDirectory(prefix="lgsp-bench-") as name:
        folder = StackFolder(Path(name) / "stack")
        # The servers' own account passes through here.
        Path(name).chmod(0o711)
        first = next(port for port in range(_FIRST_PORT, 65_000, 10) if all(map(is_free, api_ports(port))))
        order = ["--folder", str(folder.path), "--lang", "en"]
        _run(["ops.stack", "up", *order, "--people", str(people), "--seed", str(SEED), "--port", str(first)], name)
        try:
            environment = _environment(folder.environment_file)
            url = make_url(environment["LGSP_DATABASE__URL"]).set(drivername="postgresql")
            conninfo = url.render_as_string(hide_password=False)
            token = environment["LGSP_HTTP__TOKEN"]
            yield StackWorld(tuple(api_ports(first)), token, conninfo, _entries(Path(name), people))
        finally:
            _run(["ops.stack", "down", *order], name)


def _entries(folder: Path, people: int) -> list[dict[str, Any]]:
    file = folder / "entries.jsonl"
    world = ["--people", str(people), "--seed", str(SEED), "--form", "tt11_mau03"]
    _run(["mock_services", "generate", "--out", str(file), *world], str(folder))
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _environment(file: Path) -> dict[str, str]:
    lines = file.read_text("utf-8").splitlines()
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def _run(module: Sequence[str], folder: str) -> None:
    # In a folder of its own: the stack leaves its token where a later command would look for it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-m", *module],
        check=False,
        capture_output=True,
        text=True,
        timeout=_UP_WITHIN_S,
        cwd=folder,
        env={**environment, "LGSP_LOG__LEVEL": "warning"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(module[:2])}: {done.stdout[-1_500:]} {done.stderr[-1_500:]}")
