"""`python -m mock_services` as a program of its own."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path

import httpx
import orjson

from mock_services.__main__ import EXIT_PORT_TAKEN, EXIT_WRONG_USE

ROOT = Path(__file__).parents[2]


async def _started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mock_services", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_serve_says_when_it_is_ready_and_ends_when_told(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    process = await _started("serve", "--people", "10", "--ports", "0,0,0,0", "--ready-file", str(ready_file))
    try:
        async with asyncio.timeout(30):
            while not ready_file.exists():
                assert process.returncode is None
                await asyncio.sleep(0.05)
        ready = orjson.loads(ready_file.read_bytes())
        async with httpx.AsyncClient(trust_env=False) as http:
            for system in ("platform", "population", "social_insurance", "labour_market"):
                health = (await http.get(f"{ready[system]}/_mock/health")).json()
                assert health["system"] == system
        assert ready["credentials"]["AccessKey"]
        assert (ready["people"], ready["pid"]) == (10, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        out, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert errors == b""
    assert b"population" in out


async def test_a_taken_port_is_a_sentence_and_not_a_trace() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await _started("serve", "--people", "1", "--ports", f"0,0,{port},0")
        _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == EXIT_PORT_TAKEN
    assert errors.decode().startswith(f"Cổng 127.0.0.1:{port}")
    assert errors.count(b"\n") == 1


async def test_a_format_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    process = await _started("generate", "--people", "1", "--out", str(tmp_path / "entries.pdf"))
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == EXIT_WRONG_USE
    assert b".jsonl" in errors
