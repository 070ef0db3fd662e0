"""Every verb of `lgsp` that asks a gateway, as every role: what is let in is what the tables of permissions say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from gateway.api.admission import PUBLIC, permission_of
from gateway.cli import terminal
from gateway.cli.exit_codes import ExitCode
from gateway.cli.root import build
from gateway.cli.terminal import call
from gateway.permissions import PERMISSIONS
from tests.integration.api_door import ApiDoor
from tests.integration.callers_world import administrators, door
from tests.integration.test_rights import NOBODY, PARTS, PLACES, everybody

__all__ = ["administrators", "door", "everybody"]
HERE: Final = frozenset(
    {
        *("run", "serve", "doctor", "stack up", "stack status", "stack down", "mocks serve", "data generate"),
        *("db upgrade", "keys status", "keys rotate", "topics apply", "topics check", "topics acls", "watch run"),
        *("secrets make", "secrets tls", "audit verify", "receipts verify"),
    }
)
"""Verbs that work on this machine, with its files and its database, and ask no gateway."""
FILES: Final[Mapping[str, bytes]] = {
    # Refused by whoever may submit, so that nothing is stored.
    "phieu.jsonl": b'{"form": "nd318", "declared_on": "2999-01-01", "fields": {"ho_ten": "X"}}\n',
    "keys.json": b'{"keys": []}',
}
GIVEN: Final[Mapping[str, str]] = {
    **PLACES,
    "file": "phieu.jsonl",
    "reason": "tests",
    "out": "out.jsonl",
    "code": "H99.9",
    "agency": "H35.1",
    "unit": "12",
    "role": "system",
    "key": "index",
    "worker": NOBODY,
    "people": "1",
    "reference": "tests",
    "detected_at": "2999-01-01 00:00",
    "received_at": "2026-07-05 08:00",
    "kind": "access",
    "taken": "closed",
}
OTHERWISE: Final[Mapping[str, Mapping[str, str]]] = {
    "clients jwks": {"file": "keys.json"},
    "people add": {"role": "operator"},
    "register show": {"number": PLACES["case"]},
    "register step": {"number": PLACES["case"]},
    # What is there already is written again as it is.
    "agencies add": {"code": "H35.1", "name": "Công an tỉnh"},
}
MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "workers find": ("--personal-number", "012090999999"),
    "dead-letters retry": (NOBODY, "population"),
    "people erase": (NOBODY,),
    "events tail": ("--once",),
    "entries submit": ("--wait", "0", "--no-resume"),
}
WHY: Final = ("--purpose", "trial", "--reference", "tests")
AN_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ABOUT_PEOPLE: Final = (
    ("entries", "show"),
    ("workers", "show"),
    ("workers", "show", "--history"),
    ("quarantine", "release", "--reason", "tests"),
)


def verbs() -> Iterator[tuple[str, Any]]:
    """(words, command) of every verb that there is."""

    def below(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, (*words, name))
            else:
                yield " ".join((*words, name)), command

    return below(build("en"), ())


ASKING: Final = {words: command for words, command in verbs() if words not in HERE}


def line_of(words: str) -> list[str]:
    """The verb with everything that it demands."""
    given, line = {**GIVEN, **OTHERWISE.get(words, {})}, words.split()
    for one in ASKING[words].params:
        if one.required and one.param_type_name == "argument":
            line.append(given[one.name])
        elif one.required:
            line += [one.opts[0], given[one.name]]
    options = {name for one in ASKING[words].params for name in one.opts}
    return [*line, *MORE.get(words, ()), *(WHY if "--purpose" in options else ())]


class Heard(httpx.BaseTransport):
    """What a verb asked, and what it was answered."""

    def __init__(self) -> None:
        self._line = httpx.HTTPTransport()
        self.exchanges: list[tuple[str, int, str]] = []
        """(permission that the route needs, status, problem code)."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._line.handle_request(request)
        answer.read()
        told = json.loads(answer.content) if answer.status_code >= 400 else {}
        self.exchanges.append((needed_for(request), answer.status_code, str(told.get("code"))))
        return answer

    def close(self) -> None:
        self._line.close()


def needed_for(request: httpx.Request) -> str:
    scope = {"type": "http", "method": request.method, "path": request.url.path}
    for part in PARTS:
        for route in part.router.routes:
            if route.matches(scope)[0].value == 2:
                return str(permission_of(route))
    raise AssertionError(request.url.path)


@pytest.fixture(scope="module", autouse=True)
def _built_once() -> Iterator[None]:
    """Four hundred calls need one command tree."""
    patch = pytest.MonkeyPatch()
    patch.setattr(terminal, "build", cache(build))
    yield
    patch.undo()


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)


def asked(door: ApiDoor, who: httpx.Client, line: list[str]) -> tuple[int, list[tuple[str, int, str]]]:
    token = who.headers["Authorization"].removeprefix("Bearer ") or "nobody-has-this"
    heard = Heard()
    return call([*line, "--url", str(door.http.base_url), "--token", token], heard), heard.exchanges


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("words", ASKING)
def test_a_verb_does_for_a_role_what_the_table_says_and_nothing_more(
    door: ApiDoor, everybody: Mapping[str, httpx.Client], words: str
) -> None:
    """Requirement 2. Names and ids are of what does not exist, so that whoever is let in changes nothing."""
    for who, caller in everybody.items():
        code, exchanges = asked(door, caller, line_of(words))
        assert exchanges, (who, "asked nothing: it belongs into HERE, or its line is wrong")
        assert code not in (ExitCode.USAGE, ExitCode.UNEXPECTED), (who, code)
        for needed, status, problem in exchanges:
            may = needed == PUBLIC or who.partition(" ")[0] in PERMISSIONS[needed]
            if who == "anonymous" and needed != PUBLIC:
                assert (status, problem, code) == (401, "token-invalid", ExitCode.REFUSED)
            elif may:
                assert status not in (401, 403), (who, needed)
            else:
                assert (status, problem, code) == (403, "permission-missing", ExitCode.REFUSED), (who, needed)


def test_every_verb_is_one_that_asks_or_one_that_works_here() -> None:
    """A new verb must be put on one side, and is then asked as every role."""
    there_are = {words for words, _ in verbs()}
    assert there_are >= HERE
    assert there_are == HERE | ASKING.keys()


@pytest.mark.parametrize("words", ABOUT_PEOPLE)
def test_another_units_person_is_to_a_verb_like_one_who_is_not_there(
    door: ApiDoor, everybody: Mapping[str, httpx.Client], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Requirement 1: word for word, and with the same exit code; who is of the unit, or of the province, sees it."""
    doubted = "quarantine" in words
    entry = {**door.entry(**({"tinh_trang_hdkt": "9"} if doubted else {})), "commune": "03388"}
    entry["fields"]["noi_o_hien_tai"] = {"ma_tinh": "12", "ma_xa": "03388", "ngay_ma": "2026-07-05"}
    stored = door.http.post("/v1/entries", content=orjson.dumps(entry)).json()
    real = stored["worker_id"] if words[0] == "workers" else stored["id"]
    told = []
    for one in (real, NOBODY):
        line = [*words[:2], one, *words[2:], *(WHY if words[0] == "workers" else ())]
        code, _ = asked(door, everybody["commune_officer of another commune"], line)
        told.append((code, AN_ID.sub("ID", "|".join(capsys.readouterr()))))
    assert told[0] == told[1]
    if not doubted:
        assert told[0][0] == ExitCode.NOT_FOUND
        for who in ("commune_officer", "province_officer"):
            line = [*words[:2], real, *words[2:], *(WHY if words[0] == "workers" else ())]
            assert asked(door, everybody[who], line)[0] == ExitCode.OK, (who, capsys.readouterr())
