"""A reader types what the README and the runbooks say, in order, beside a running house."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.cli.exit_codes import ExitCode
from tests.architecture.tree import ROOT
from tests.contracts.said import page, pages, shell_lines
from tests.journeys.programs import clean_environment
from tests.journeys.town import TOKEN, Town

SEED = 11
ELSEWHERE = ("lgsp serve", "lgsp topics", "lgsp stack", "lgsp db")
"""Commands of a page that start something of their own, or need Kafka."""


class Reader:
    """Types into a folder as `make run` leaves it: the commune's workbook is there, and the token."""

    def __init__(self, town: Town, folder: Path) -> None:
        self._town = town
        self._folder = folder
        self._ids: Mapping[str, str] = {}
        self._environment = {
            **clean_environment(),
            **town.environment(),
            "LGSP_URL": town.url,
            "LGSP_TOKEN": TOKEN,
            "PYTHONPATH": str(ROOT),
        }
        workbook = folder / ".lgsp" / "demo" / "phieu-cua-xa.xlsx"
        workbook.parent.mkdir(parents=True)
        self._python("mock_services", "sample-workbook", "--out", str(workbook))

    def knows(self, **ids: str) -> None:
        """What the reader writes where a page says ENTRY_ID or WORKER_ID."""
        self._ids = ids

    def exports(self, line: str) -> None:
        """An `export A=b` line: it holds for every line behind it."""
        pairs = (word.partition("=") for word in shlex.split(line)[1:])
        self._environment |= {name: value for name, _, value in pairs}

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """One `lgsp …` line of a page."""
        words = [self._ids.get(word, word) for word in shlex.split(line)]
        return self._python("gateway.cli", *words[1:])

    def _python(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def own_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A small one: the pages ask for lists, and other stories leave theirs."""
    folder = tmp_path_factory.mktemp("readme-town")
    with Town(folder, f"sqlite:///{folder / 'lgsp.sqlite3'}", people=200, seed=SEED) as town:
        yield town


@pytest.fixture(scope="module")
def reader(own_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(own_town, tmp_path_factory.mktemp("reader"))


def commands_of(name: str) -> list[str]:
    return [one for one in shell_lines(page(name)) if one.startswith("lgsp ") and not one.startswith(ELSEWHERE)]


def send_as_curl_would(line: str, url: str) -> httpx.Response:
    """The README's `curl` with `--data @file`, told to this town."""
    words = shlex.split(line)
    path = words[1].removeprefix("http://127.0.0.1:8080")
    assert path != words[1], line
    headers = dict(word.split(": ", 1) for at, word in enumerate(words) if words[at - 1] == "-H")
    headers["Authorization"] = headers["Authorization"].replace("$(cat .lgsp/token)", TOKEN)
    body = (ROOT / words[words.index("--data") + 1].removeprefix("@")).read_bytes()
    return httpx.post(url + path, headers=headers, content=body, timeout=30)


def test_what_the_readme_says_works_in_its_order(own_town: Town, reader: Reader) -> None:
    (call,) = (line for line in shell_lines(page("README.md")) if line.startswith("curl "))
    answer = send_as_curl_would(call, own_town.url)
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    reader.knows(ENTRY_ID=receipt["id"], WORKER_ID=receipt["worker_id"])
    commands = commands_of("README.md")
    assert len(commands) > 8
    for line in (line for line in shell_lines(page("README.md")) if line.startswith("export ")):
        reader.exports(line)
    for line in commands:
        wanted = ExitCode.DOUBTED if " submit " in line else ExitCode.OK
        done = reader.types(line)
        assert done.returncode == wanted, f"{line}\n{done.stdout[-500:]}\n{done.stderr[-500:]}"
        assert done.stdout.strip(), line
    found = reader.types(next(line for line in commands if " find " in line) + " --json")
    assert [one["worker_id"] for one in orjson.loads(found.stdout)["items"]] == [receipt["worker_id"]]


def test_a_dead_letter_is_looked_at_and_sent_again_as_its_runbook_says(own_town: Town, reader: Reader) -> None:
    entry = orjson.loads((ROOT / "contracts/forms/examples/tt11_mau03.json").read_bytes())
    entry |= {"key": "readme-letter", "declared_on": "2026-07-06"}
    entry["fields"] |= {"ngay_khai": "2026-07-06", "cong_viec_cu_the": "Trồng chè"}
    own_town.fault("labour_market", "refuse_person", person=entry["fields"]["so_dinh_danh"])
    worker_id = own_town.accept(entry)["worker_id"]
    own_town.until(lambda: _letters(own_town), "refused")
    reader.knows(WORKER_ID=worker_id)
    shown = [line for line in commands_of("ops/runbooks/dead-letters.md") if " retry " not in line]
    for line in shown:
        done = reader.types(line)
        assert (done.returncode, "message-unfit" in done.stdout) == (ExitCode.OK, True), f"{line}\n{done.stderr}"
    own_town.heal()
    (one, *_) = (line for line in commands_of("ops/runbooks/dead-letters.md") if " retry " in line)
    assert reader.types(one).returncode == ExitCode.OK
    own_town.until(lambda: not _letters(own_town), "taken after all")


def _letters(town: Town) -> list[dict[str, Any]]:
    return town.everything("/v1/dead-letters")


def test_entries_in_doubt_are_decided_as_their_runbook_says(own_town: Town, reader: Reader) -> None:
    entry = orjson.loads((ROOT / "contracts/forms/examples/tt11_mau03.json").read_bytes())
    entry["fields"] |= {"ngay_sinh": "2015-05-12", "so_dinh_danh": "012315000123", "ma_so_bhxh": None}
    for decision, state in (("release", "accepted"), ("reject", "rejected")):
        receipt = own_town.submit(entry | {"key": f"readme-{decision}"}).json()
        assert receipt["state"] == "quarantined", receipt
        reader.knows(ENTRY_ID=receipt["id"])
        for line in commands_of("ops/runbooks/quarantine.md"):
            if f" {decision} " in line or " show " in line:
                done = reader.types(line)
                assert done.returncode == ExitCode.OK, f"{line}\n{done.stderr}"
        assert own_town.get(f"/v1/entries/{receipt['id']}")["state"] == state


def test_every_address_in_the_pages_answers(own_town: Town) -> None:
    text = "\n".join(
        one.read_text(encoding="utf-8") for one in pages() if "runbooks" in one.parts or one.parent == ROOT
    )
    paths = set(re.findall(r"http://127\.0\.0\.1:8080(/[\w/.]+)", text)) - {"/v1/entries"}
    assert paths >= {"/v1/status", "/readyz", "/v1/openapi.json"}
    assert {path: own_town.http.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
