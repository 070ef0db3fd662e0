"""More entries than the store can take: who is let in is stored once, who is not is told at once and not stored."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.requests import Request

from gateway.api.bodies import BodyReader
from gateway.errors import ContractViolated
from gateway.store import schema
from gateway.store.engine import Database
from tests.integration.api_door import ApiDoor, opened

OFFERED = 300
LET_IN_MAX = 80
TIGHT = {"LGSP_INTAKE__SLICE_SIZE_MAX": "16", "LGSP_INTAKE__WAIT_S_MAX": "0.1"}


@contextmanager
def standing_still(file: Path) -> Iterator[None]:
    """Somebody else holds the store's only write lock."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=60)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


async def offered(door: ApiDoor, file: Path, entries: list[dict[str, Any]]) -> tuple[list[httpx.Response], list[int]]:
    """All at once while the store stands still; it goes on when everybody but those let in is answered."""
    limits = httpx.Limits(max_connections=None)
    headers = dict(door.http.headers)
    async with httpx.AsyncClient(
        base_url=door.http.base_url, headers=headers, limits=limits, timeout=120, trust_env=False
    ) as client:
        with standing_still(file):
            asked = [asyncio.create_task(client.post("/v1/entries", json=entry)) for entry in entries]
            while sum(task.done() for task in asked) < OFFERED - LET_IN_MAX:
                await asyncio.wait([task for task in asked if not task.done()], return_when=asyncio.FIRST_COMPLETED)
            meanwhile = [(await client.get(path)).status_code for path in ("/livez", "/readyz", "/v1/rules")]
        return list(await asyncio.gather(*asked)), meanwhile


def test_what_is_more_than_the_store_takes_is_refused_at_once_and_the_rest_is_stored_once(tmp_path: Path) -> None:
    file = tmp_path / "lgsp.sqlite3"
    with opened(tmp_path, f"sqlite:///{file}", **TIGHT) as door:
        entries = [{**door.entry(), "key": f"overload-{at}"} for at in range(OFFERED)]
        answers, meanwhile = asyncio.run(offered(door, file, entries))
        assert meanwhile == [200, 200, 200]
        refused = [at for at, answer in enumerate(answers) if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {201, 503}
        assert len(refused) >= OFFERED - LET_IN_MAX
        assert all(int(answers[at].headers["Retry-After"]) >= 1 for at in refused)
        assert {answers[at].json()["code"] for at in refused} <= {"busy", "unavailable"}
        assert stored(file) == OFFERED - len(refused)
        # Service goes on: the same keys again are new entries, since nothing of them was kept.
        for at in refused:
            assert door.http.post("/v1/entries", json=entries[at]).status_code == 201
        assert stored(file) == OFFERED


def stored(file: Path) -> int:
    database = Database(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            return connection.execute(select(func.count()).select_from(schema.entries)).scalar_one()
    finally:
        database.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip"])
def test_requirement_16_a_packed_body_is_refused_and_not_unpacked(encoding: str) -> None:
    async def nobody() -> dict[str, Any]:
        raise AssertionError("the body is not read")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-encoding", encoding.encode())]}
    with pytest.raises(ContractViolated) as refused:
        asyncio.run(BodyReader(1_024, 5).raw(Request(scope, nobody)))
    assert (refused.value.code, refused.value.fields) == ("unsupported-media-type", ("Content-Encoding",))
