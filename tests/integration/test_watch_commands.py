"""A whole gateway watches itself, and says so over HTTP and on the command line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gateway.cli.exit_codes import ExitCode
from mock_services.people.world import World
from tests.journeys.people import People, employed, entry_of
from tests.journeys.programs import clean_environment
from tests.journeys.town import TOKEN, Town

PEOPLE: Final = 50
SEED: Final = 6


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("watched")
    database = f"sqlite:///{folder / 'lgsp.sqlite3'}"
    settings = {"LGSP_WATCH__GRACE_S": "2"}
    with Town(folder, database, people=PEOPLE, seed=SEED, settings=settings) as town:
        people = People(World(PEOPLE, SEED))
        for _ in range(3):
            town.until_settled(town.accept(entry_of(people.meet(employed)))["worker_id"])
        town.until(lambda: town.get("/v1/watch")["people"] == 3, "a round over everybody")
        yield town


def lgsp(town: Town, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **clean_environment(),
        **town.environment(),
        "COLUMNS": "200",
        "LGSP_URL": town.url,
        "LGSP_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "gateway.cli", "watch", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)


def test_a_healthy_gateway_says_so(watched: Town) -> None:
    answer: dict[str, Any] = watched.get("/v1/watch")
    assert answer["watching"]
    assert answer["gaps"] == []
    assert {one["stage"] for one in answer["stages"]} == {"published", "on_topic", "wanted", "applied"}
    assert answer["gaps_by_stage"] == {"store": 0, "topic": 0, "target": 0}
    done = lgsp(watched, "status", "--lang", "en")
    assert (done.returncode, "There is no gap." in done.stdout) == (ExitCode.OK, True), done.stdout + done.stderr


def test_a_full_pass_says_that_everybody_is_whole(watched: Town) -> None:
    done = lgsp(watched, "run", "--once", "--lang", "en")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "All 3 people's versions 1..n are in order on the topic" in done.stdout
    assert "and in every target" in done.stdout
    data = json.loads(lgsp(watched, "run", "--once", "--json").stdout)
    assert (data["whole"], data["people"], data["gaps"]) == (True, 3, [])


def test_a_gap_is_told_with_what_to_do_until_it_is_mended(watched: Town) -> None:
    file = watched.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(file, timeout=20) as connection:
        (row,) = connection.execute("SELECT * FROM target_states WHERE target = 'labour_market' LIMIT 1").fetchall()
        connection.execute("DELETE FROM target_states WHERE worker_id = ? AND target = 'labour_market'", row[:1])
    watched.until(lambda: watched.get("/v1/watch")["gaps"] != [], "the gap is found")
    done = lgsp(watched, "status", "--lang", "vi")
    assert done.returncode == ExitCode.NOT_VERIFIED
    assert "watch.target-missing" in done.stdout
    assert "ops/runbooks/watch.md" in done.stdout
    full = lgsp(watched, "run", "--once", "--json")
    assert full.returncode == ExitCode.NOT_VERIFIED
    assert json.loads(full.stdout)["gaps_by_alarm"] == {"watch.target-missing": 1}
    with sqlite3.connect(file, timeout=20) as connection:
        connection.execute(f"INSERT INTO target_states VALUES ({', '.join('?' * len(row))})", row)
    watched.until(lambda: watched.get("/v1/watch")["gaps"] == [], "the gap is closed")
    assert "watch.target-missing" in watched.last_words()
