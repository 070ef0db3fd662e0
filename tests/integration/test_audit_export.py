"""The trail of a running gateway, taken along with the command line and checked without it."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, text

from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from gateway.store.engine import Database
from gateway.store.schema import audit_checkpoints, audit_rows
from tests.integration.api_door import TOKEN, ApiDoor, check_problem, opened

ENTRIES = 30
NO_PURPOSE = {"unit": "local", "role": "local", "purpose": None, "reference": None}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path_factory.mktemp("door"), module_database_url) as made:
        for _ in range(ENTRIES):
            assert made.post(orjson.dumps(made.entry())).status_code == 201
        yield made


@pytest.fixture
def lgsp(door: ApiDoor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *typed: call([*typed, "--lang", "en", "--url", f"http://127.0.0.1:{door.port}", "--token", TOKEN])


def chained(url: str) -> None:
    """Wait for the rows' places and for a signature over some of them."""
    database, end = Database(url), time.monotonic() + 10
    try:
        while True:
            with database.read() as connection:
                waiting = connection.execute(select(func.count()).select_from(audit_rows)).scalar_one()
                signed = connection.execute(select(func.count()).select_from(audit_checkpoints)).scalar_one()
            if not waiting and signed:
                return
            assert time.monotonic() < end, "the rows got no place in time"
            time.sleep(0.05)
    finally:
        database.close()


def taken(lgsp: Callable[..., int], url: str, name: str = "audit.jsonl") -> list[dict[str, Any]]:
    chained(url)
    assert lgsp("audit", "export", "--out", name) == ExitCode.OK
    assert lgsp("audit", "public-key", "--out", "key.pem") == ExitCode.OK
    return [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]


def test_what_is_exported_is_what_was_done_and_verifies_with_the_public_key_alone(
    door: ApiDoor, lgsp: Callable[..., int], module_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = door.post(b'{"personal_number": "012090000001"}', "/v1/workers/lookup").json()["items"]
    (worker_id,) = [one["worker_id"] for one in found]
    door.http.get(f"/v1/workers/{worker_id}?reveal=true")
    lines = taken(lgsp, module_database_url)
    rows = [one for one in lines if one["kind"] == "row"]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["action"] for row in rows].count("entry:accepted") >= ENTRIES
    (looked_up,) = [row for row in rows if row["action"] == "worker:looked_up"]
    assert json.loads(looked_up["detail"]) == {
        "found": 1,
        "worker_ids": [worker_id],
        "unit": "12",
        "role": "installation",
        "purpose": "trial",
        "reference": "tests",
    }
    assert [row["subject"] for row in rows if row["action"] == "worker:revealed"] == [worker_id]
    assert "012090" not in Path("audit.jsonl").read_text("utf-8")
    assert stat.S_IMODE(Path("audit.jsonl").stat().st_mode) == 0o600
    capsys.readouterr()
    assert call(["audit", "verify", "audit.jsonl", "--key", "key.pem", "--lang", "en"]) == ExitCode.OK
    assert f"is whole: {len(rows)} rows" in capsys.readouterr().out
    # Whoever reads the trail stands in it.
    lines = taken(lgsp, module_database_url, "later.jsonl")
    assert [one["actor"] for one in lines if one.get("action") == "audit:read"] == ["local"]
    assert lgsp("audit", "verify", "later.jsonl", "--key", "key.pem", "--earlier", "audit.jsonl") == ExitCode.OK
    assert lgsp("audit", "verify", "audit.jsonl", "--key", "key.pem", "--earlier", "later.jsonl") == 10


@pytest.mark.parametrize(("lang", "words"), [("en", "is not whole, line"), ("vi", "không nguyên vẹn, dòng")])
def test_a_changed_export_is_told_with_its_line(
    lgsp: Callable[..., int],
    module_database_url: str,
    capsys: pytest.CaptureFixture[str],
    lang: str,
    words: str,
) -> None:
    taken(lgsp, module_database_url)
    lines = Path("audit.jsonl").read_bytes().splitlines(keepends=True)
    at = next(at for at in range(1, len(lines)) if all(b'"kind":"row"' in one for one in lines[at : at + 2]))
    Path("audit.jsonl").write_bytes(b"".join([*lines[:at], *lines[at + 1 :]]))
    capsys.readouterr()
    assert call(["audit", "verify", "audit.jsonl", "--key", "key.pem", "--lang", lang]) == ExitCode.NOT_VERIFIED
    assert f"{words} {at + 1}" in capsys.readouterr().err
    assert lgsp("audit", "verify", "audit.jsonl", "--key", "key.pem", "--json") == ExitCode.NOT_VERIFIED
    assert json.loads(capsys.readouterr().out) == {"whole": False, "code": "position", "line": at + 1}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nowhere.jsonl", "--key", "key.pem"), ExitCode.FILE),
        (("audit.jsonl", "--key", "nowhere.pem"), ExitCode.FILE),
        (("audit.jsonl", "--key", "audit.jsonl"), ExitCode.FILE),
        (("key.pem", "--key", "key.pem"), ExitCode.NOT_VERIFIED),
        (("audit.jsonl", "--key", "key.pem", "--earlier", "key.pem"), ExitCode.FILE),
        (("audit.jsonl",), ExitCode.USAGE),
    ],
)
def test_what_cannot_be_checked_is_said_and_not_called_whole(
    lgsp: Callable[..., int], module_database_url: str, arguments: tuple[str, ...], code: ExitCode
) -> None:
    taken(lgsp, module_database_url)
    assert lgsp("audit", "verify", *arguments) == code


def test_an_export_that_cannot_be_written_leaves_the_one_before(
    door: ApiDoor, lgsp: Callable[..., int], module_database_url: str, tmp_path: Path
) -> None:
    taken(lgsp, module_database_url)
    before = Path("audit.jsonl").read_bytes()
    assert lgsp("audit", "export", "--out", "no/such/folder.jsonl") == ExitCode.FILE
    as_nobody = ["--url", f"http://127.0.0.1:{door.port}", "--token", "another-token-of-nobody"]
    assert call(["audit", "export", "--out", "audit.jsonl", *as_nobody]) == ExitCode.REFUSED
    assert Path("audit.jsonl").read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir() if "audit" in one.name) == ["audit.jsonl"]


def test_wrong_parameters_are_named(door: ApiDoor) -> None:
    for query in ("limit=0", "limit=5001"):
        check_problem(door.http.get(f"/v1/audit/rows?{query}"), 422, "shape-invalid")
    for query in ("after=-1", "after=x"):
        check_problem(door.http.get(f"/v1/audit/rows?{query}"), 400, "cursor-invalid")
    assert door.http.get("/v1/audit/rows?after=999999999").json() == {"items": [], "next": 999999999}


def test_a_row_changed_in_the_database_is_found(lgsp: Callable[..., int], module_database_url: str) -> None:
    taken(lgsp, module_database_url)
    database = Database(module_database_url)
    change = text("UPDATE audit_chain SET actor = :actor WHERE position = 5")
    with database.write() as connection:
        held = connection.execute(text("SELECT actor FROM audit_chain WHERE position = 5")).scalar_one()
        connection.execute(change, {"actor": "somebody else"})
    taken(lgsp, module_database_url)
    assert lgsp("audit", "verify", "audit.jsonl", "--key", "key.pem") == ExitCode.NOT_VERIFIED
    with database.write() as connection:
        connection.execute(change, {"actor": held})
    database.close()
