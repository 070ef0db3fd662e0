"""Everything that can happen to a canary: every door, in turn with faults, two deaths, an erasure and new keys."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import xlsxwriter

from gateway.cli.exit_codes import ExitCode
from mock_services.files.writers import cells
from mock_services.people.person import Person
from mock_services.people.world import World
from tests.canary import hostile
from tests.canary.hostile import entry
from tests.canary.house import CanaryHouse
from tests.canary.people import PEOPLE, SEED, canary, numbers
from tests.journeys.people import insured
from tests.journeys.place import SYSTEMS

BULK: Final = 400
BY_CSV: Final = 120
BY_XLSX: Final = 120
BY_LINES: Final = 60
SINGLE: Final = 20
REFUSED: Final = 6
DOUBTED: Final = 6
_CHUNK: Final = 100
_SPELL: Final = {"trangThai": "TS", "tenDonVi": "Đơn vị khác", "maDonVi": "TD0099"}
_FILE_ENDS: Final = (ExitCode.OK, ExitCode.DOUBTED, ExitCode.REFUSED)

BrokenIntake = Callable[[], AbstractContextManager[None]]
"""While it is entered the database refuses to store entries."""


def tell(house: CanaryHouse, broken_intake: BrokenIntake) -> None:
    """The whole story; the gateway is dead at its end, killed, and its files are as the kill left them."""
    people = (canary(SEED, index) for index in range(PEOPLE))
    first, asking = next(people), house.officer("asks")
    confirming = house.officer("confirms")
    _meet_faults(house, list(islice(people, REFUSED)))
    _many(house, list(islice(people, BULK)), kill=True)
    _by_files(house, people)
    singles = [house.accept(entry(one)) for one in islice(people, SINGLE)]
    hostile.send_all(house, first)
    _quarantine(house, list(islice(people, DOUBTED)))
    _while_broken(house, broken_intake, list(islice(people, 3)))
    _changed_elsewhere(house, list(people))
    _open_letters(house)
    house.heal()
    _read(house, singles[0]["worker_id"])
    _erase(house, singles[1:4], house.client(asking), house.client(confirming))
    house.command("keys", "rotate", apart=True)
    house.until_rest(within_s=180)
    _read(house, singles[0]["worker_id"])
    _operate(house)
    house.gateway.kill()


def _meet_faults(house: CanaryHouse, refused: Sequence[Person]) -> None:
    """Whole systems fail in each way for some calls, and some people are refused until the end."""
    for person in refused:
        for system in SYSTEMS:
            house.fault(system, "refuse_person", person=person.personal_number)
        house.submit(entry(person))
    for system in SYSTEMS:
        for kind in ("html", "garbage", "error_500", "wrong_encoding", "lost_answer", "maintenance", "html"):
            house.fault(system, kind, for_requests=2)
        house.fault(system, "slow", for_requests=1, seconds=4)
    house.until(lambda: _letters(house), "somebody is refused", 90)


def _letters(house: CanaryHouse) -> list[dict[str, Any]]:
    return house.everything("/v1/dead-letters")


def _open_letters(house: CanaryHouse) -> None:
    """What the systems said of those whom they refused: listed, opened, and sent once more."""
    letters = house.until(lambda: _letters(house), "somebody is refused", 90)
    house.ask("letters", "GET", "/v1/dead-letters")
    for letter in letters[:REFUSED]:
        house.ask("letter", "GET", f"/v1/dead-letters/{letter['worker_id']}/{letter['target']}")
    house.command("dead-letters", "list")
    # Its letter may be on its way again just now: then there is none to show.
    house.command("dead-letters", "show", letters[0]["worker_id"], letters[0]["target"], may=(0, ExitCode.NOT_FOUND))
    assert house.ask("retry", "POST", "/v1/dead-letters/retry", json={"target": "population"}).status_code == 200


def _many(house: CanaryHouse, people: Sequence[Person], *, kill: bool) -> None:
    """In lists; between two of them the gateway dies, and says less when it is back."""
    rows = [entry(person, key=f"phieu-{number}") for number, person in enumerate(people)]
    for at in range(0, len(rows), _CHUNK):
        if kill and at == 2 * _CHUNK:
            house.die(log_level="info")
        answer = house.ask("bulk", "POST", "/v1/entries", json={"entries": rows[at : at + _CHUNK]})
        assert answer.status_code == 200, answer.text
    assert house.ask("bulk-again", "POST", "/v1/entries", json={"entries": rows[:_CHUNK]}).status_code == 200


def _by_files(house: CanaryHouse, people: Iterator[Person]) -> None:
    files = {
        "phieu.csv": (_write_csv, BY_CSV),
        "phieu.xlsx": (_write_xlsx, BY_XLSX),
        "phieu.jsonl": (_write_lines, BY_LINES),
    }
    for name, (write, count) in files.items():
        file = house.inputs / name
        write(file, [entry(one) for one in islice(people, count)])
        result = house.kept / f"result-{name.partition('.')[2]}.jsonl"
        house.command(
            "entries", "submit", str(file), "--out", str(result), may=_FILE_ENDS, apart=file.suffix == ".xlsx"
        )
    # A column that nobody knows, and a cell that is none.
    stranger = canary(SEED, 0)
    (house.inputs / "la.csv").write_text(f"{stranger.personal_number};{stranger.full_name}\n1;2\n", "utf-8")
    house.command("entries", "submit", str(house.inputs / "la.csv"), may=range(1, 20))


def _write_lines(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    file.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))


def _table(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """With a column for each value; the first rows hold what identifies where codes belong."""
    written = [cells(dict(row)) for row in rows]
    for row in written[:3]:
        row["gioi_tinh"], row["dan_toc"] = row["so_dinh_danh"], row["ho_ten"]
    names = list(dict.fromkeys(name for row in written for name in row))
    return [names, *([row.get(name, "") for name in names] for row in written)]


def _write_csv(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(_table(rows))


def _write_xlsx(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with xlsxwriter.Workbook(str(file), {"strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet("Phiếu")
        for at, row in enumerate(_table(rows)):
            sheet.write_row(at, 0, row)


def _quarantine(house: CanaryHouse, people: Sequence[Person]) -> None:
    for at, person in enumerate(people):
        waiting = house.ask("doubted", "POST", "/v1/entries", json=entry(person, tinh_trang_hdkt="2", co_hdld=True))
        if waiting.status_code != 202:
            continue
        path = f"/v1/quarantine/{waiting.json()['id']}"
        house.ask("waiting", "GET", "/v1/quarantine")
        house.ask("waiting-one", "GET", f"/v1/entries/{waiting.json()['id']}")
        house.ask("decided", "POST", f"{path}/{'release' if at % 2 else 'reject'}", json={"reason": "Đã đối chiếu"})


def _while_broken(house: CanaryHouse, broken_intake: BrokenIntake, people: Sequence[Person]) -> None:
    with broken_intake():
        for person in people:
            answer = house.ask("broken", "POST", "/v1/entries", json=entry(person, days_ago=9))
            assert answer.is_error, answer.text
        many = house.ask("broken-many", "POST", "/v1/entries", json={"entries": [entry(one) for one in people]})
        assert many.is_error or {one["state"] for one in many.json()["receipts"]} == {"refused"}, many.text


def _changed_elsewhere(house: CanaryHouse, people: Sequence[Person]) -> None:
    """The systems report people of whom we never heard, and what they know of them."""
    world = World(PEOPLE, SEED)
    for person in people:
        number, seen = person.personal_number, world.seen_by("population", person)
        place = {"MaDonViHanhChinh": person.permanent.commune, "ChiTiet": person.permanent.detail, "QuocGia": "VN"}
        citizen = {"HoVaTen": {"Ten": person.full_name}, "ThuongTru": place}
        if seen.known:
            house.mock("population", "POST", "people", {"personal_number": number, "citizen": citizen})
    for person in people[::4]:
        number = person.personal_number
        if insured(person):
            house.mock("social_insurance", "POST", "people", {"personal_number": number, "participation": _SPELL})
        house.mock("labour_market", "POST", "people", {"personal_number": number, "worker": {"chuc_danh": "Kế toán"}})


def _read(house: CanaryHouse, worker_id: str) -> None:
    """One person by every read, masked; and once in clear, which is not kept."""
    path = f"/v1/workers/{worker_id}"
    for part in ("", "/history", "/observations", "/readers"):
        assert house.ask("read", "GET", path + part).status_code == 200
    record = house.get(path, reveal="true")
    told = record["groups"]["basic"]["values"]
    somebody = next(one for one in map(_nth, range(PEOPLE)) if one.personal_number == told["personal_number"])
    assert (told["full_name"], told["birth_date"]) == (somebody.full_name, somebody.birth_date)
    for field, number in numbers(somebody).items():
        assert house.ask("lookup", "POST", "/v1/workers/lookup", json={field: number}).status_code == 200
    named = {"full_name": somebody.full_name, "birth_date": somebody.birth_date}
    assert house.ask("lookup-name", "POST", "/v1/workers/lookup", json=named).json()["items"]
    house.command("workers", "find", "--personal-number", somebody.personal_number)
    house.command("workers", "show", worker_id)
    house.metrics()


def _nth(index: int) -> Person:
    return canary(SEED, index)


def _erase(
    house: CanaryHouse, receipts: Sequence[Mapping[str, Any]], asks: httpx.Client, confirms: httpx.Client
) -> None:
    for receipt in receipts:
        asked = house.ask("erase", "POST", "/v1/erasures", by=asks, json={"worker_id": receipt["worker_id"]})
        assert asked.status_code == 202, asked.text
        done = house.ask("erased", "POST", f"/v1/erasures/{asked.json()['erasure']}/confirm", by=confirms)
        assert done.status_code == 200, done.text
    house.ask("erasures", "GET", "/v1/erasures", by=asks)
    asks.close()
    confirms.close()


def _operate(house: CanaryHouse) -> None:
    """All that operators look at, and what they carry away."""
    for path in (
        "events",
        "dead-letters",
        "verifications",
        "verifications?outcome=verified",
        "quality",
        "rules",
        "status",
    ):
        house.ask("operate", "GET", f"/v1/{path}")
    for path in ("watch", "targets", "propagation/blocked", "audit/head", "callers", "quarantine"):
        house.ask("operate", "GET", f"/v1/{path}")
    house.keep("events", orjson.dumps(house.everything("/v1/events")))
    house.command("audit", "export", "--out", str(house.kept / "audit.jsonl"))
    house.command("watch", "status", may=(0, 10))
    house.command("events", "tail", "--once", "--json")
    house.metrics()
