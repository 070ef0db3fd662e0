"""The story itself: seven steps, each shown to a person and verified by the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console
from rich.table import Table

from contracts.communes import current
from contracts.names import search_key
from contracts.problems import Language
from gateway.cli.demonstration.callers import NAMES, PROVINCE, View, look, make
from gateway.cli.demonstration.street import SYSTEMS, Street
from gateway.cli.demonstration.watching import NotInTime, Watcher, until
from gateway.cli.exit_codes import ExitCode
from gateway.cli.texts import catalogue, say

REST_WITHIN_S: Final = 120.0
OUTAGE_S: Final = 6.0
OUTAGE_CHANGES: Final = 10
INSURANCE_MONTH: Final = "11/2026"
_SHOWN_DOUBTS: Final = 8
# Once to each system: also to the one that reported it, whose feed does not say what it holds of our writing.
_CALLS_PER_CHANGE_MAX: Final = 3


class Scene(Protocol):
    """Where the story plays: a gateway and the simulated systems, already up."""

    @property
    def folder(self) -> Path:
        """For the workbook and its results."""
        ...

    @property
    def url(self) -> str:
        """The gateway's address."""
        ...

    @property
    def token(self) -> str:
        """Its door's token."""
        ...

    @property
    def ready(self) -> dict[str, Any]:
        """What the simulated systems wrote when they were up."""
        ...


class Story:
    """Tells and checks; `failures` counts the checks that did not hold."""

    def __init__(self, town: Scene, console: Console, lang: Language) -> None:
        self._town = town
        self._console = console
        self._lang = lang
        self._watcher = Watcher(town.url, town.token, lang)
        self._street = Street(town.ready)
        self._verified: dict[str, dict[str, Any]] = {}
        self.failures = 0

    def tell(self) -> None:
        """All steps; a step that cannot be told counts as failed, and the next ones are tried all the same."""
        for step in (self._submit, self._doubts, self._arrivals, self._change, self._outage, self._views):
            try:
                step()
            except NotInTime as late:
                self._check(False, self._say("run.timeout", seconds=int(late.seconds), what=late.what))

    def close(self) -> None:
        """Give back connections."""
        self._watcher.close()
        self._street.close()

    def _submit(self) -> None:
        self._heading("run.submit")
        self._console.print(self._say("run.submit-note"))
        folder = self._town.folder
        workbook, result = folder / "phieu-cua-xa.xlsx", folder / "ket-qua.jsonl"
        _make_workbook(workbook)
        command = ["--url", self._town.url, "--token", self._town.token, "--lang", self._lang, "entries", "submit"]
        code = subprocess.run(
            [sys.executable, "-m", "gateway.cli", *command, str(workbook), "--out", str(result)], check=False
        ).returncode
        rows = [json.loads(line) for line in result.read_text("utf-8").splitlines()] if result.exists() else []
        self._check(code in (ExitCode.OK, ExitCode.DOUBTED) and len(rows) > 0, "run.check-submitted", count=len(rows))
        until(self._watcher.at_rest, REST_WITHIN_S, self._watcher.moving)

    def _doubts(self) -> None:
        self._heading("run.quarantine")
        waiting = self._watcher.get("/v1/quarantine", limit=500)["items"]
        reasons: Counter[tuple[str, str, str]] = Counter(
            (one["rule"], one["message"], one["remedy"])
            for entry in waiting
            for one in entry["findings"]
            if one["severity"] == "refuse"
        )
        table = Table(pad_edge=False)
        for column in ("count", "rule", "message", "remedy"):
            table.add_column(self._say(f"head.{column}"), overflow="fold")
        for (rule, message, remedy), count in reasons.most_common(_SHOWN_DOUBTS):
            table.add_row(str(count), rule, message, remedy)
        self._console.print(table)
        explained = all(any(one["severity"] == "refuse" for one in entry["findings"]) for entry in waiting)
        self._check(bool(waiting) and explained, "run.check-quarantined", count=len(waiting))

    def _arrivals(self) -> None:
        self._heading("run.arrived")
        verification = self._watcher.get("/v1/status")["verification"]["people"]
        self._console.print(self._say("run.verification", **verification))
        records = [self._watcher.worker(worker_id) for worker_id in self._watcher.workers()]
        self._verified = {_number(record): record for record in records if record["identity_verified"]}
        held = {system: dict(self._street.everybody(system)) for system in SYSTEMS}
        table = Table(pad_edge=False)
        for column in ("system", "holds", "equal", "waiting"):
            table.add_column(self._say(f"run.{column}"))
        differing = 0
        for system in SYSTEMS:
            equal = sum(self._same(system, held[system].get(number), one) for number, one in self._verified.items())
            differing += len(self._verified) - equal
            waits = sum(1 for record in records if _state(record, system) == "waiting_for_identity")
            table.add_row(self._say(f"target.{system}"), str(len(held[system])), str(equal), str(waits))
        self._console.print(table)
        self._check(bool(self._verified) and not differing, "run.check-equal", count=len(self._verified))

    def _change(self) -> None:
        self._heading("run.change")
        number, record = next(self._uninsured())
        before = {system: self._street.participation(system, number) for system in ("population", "labour_market")}
        calls = sum(self._street.deliveries(system, number) for system in SYSTEMS)
        self._street.start_insurance(number, INSURANCE_MONTH)
        name = record["groups"]["basic"]["values"]["full_name"]
        self._console.print(self._say("run.change-made", person=name, month=INSURANCE_MONTH))

        def arrived() -> bool:
            return all(self._street.participation(system, number) == "1" for system in before)

        until(lambda: arrived() and self._watcher.at_rest(), REST_WITHIN_S, self._watcher.moving)
        table = Table(pad_edge=False)
        for column in ("system", "before", "after"):
            table.add_column(self._say(f"run.{column}"))
        for system, was in before.items():
            table.add_row(self._say(f"target.{system}"), str(was), str(self._street.participation(system, number)))
        self._console.print(table)
        self._check(arrived(), "run.check-change")
        made = sum(self._street.deliveries(system, number) for system in SYSTEMS) - calls
        self._check(0 < made <= _CALLS_PER_CHANGE_MAX, "run.check-rest", calls=made)

    def _outage(self) -> None:
        self._heading("run.outage")
        chosen = list(self._verified.items())[:OUTAGE_CHANGES]
        self._street.close_for("labour_market", OUTAGE_S)
        entries = [_moved(record, at) for at, (_, record) in enumerate(chosen)]
        receipts = self._watcher.post("/v1/entries", {"entries": entries})["receipts"]
        accepted = sum(receipt["state"] == "accepted" for receipt in receipts)
        until(lambda: self._watcher.waiting_for("labour_market") >= accepted, OUTAGE_S, self._watcher.moving)
        waiting = self._watcher.waiting_for("labour_market")
        self._console.print(self._say("run.outage-begun", count=accepted, waiting=waiting))
        seconds = until(self._watcher.at_rest, REST_WITHIN_S, self._watcher.moving)
        self._console.print(self._say("run.outage-healed", count=accepted, seconds=round(seconds)))
        arrived = [
            self._same(system, self._street.held(system, number), self._watcher.worker(record["worker_id"]))
            for number, record in chosen
            for system in SYSTEMS
        ]
        self._check(accepted == len(chosen) and all(arrived), "run.check-outage")

    def _views(self) -> None:
        self._heading("run.views")
        own, other = _of_two_communes(list(self._verified.values()))
        table = Table(pad_edge=False)
        for column in ("caller", "own", "other", "stream"):
            table.add_column(self._say(f"run.{column}"))
        found: list[View] = []
        for name, unit, role in (
            (NAMES[0], own["commune"], "commune_officer"),
            (NAMES[1], PROVINCE, "province_officer"),
        ):
            key = make(self._watcher, name, unit, role)
            view = look(self._town.url, key, self._lang, own, other)
            shown = [self._seen(one) for one in (view.own, view.other, view.events)]
            place = current(unit, None)
            table.add_row(self._say(f"run.caller.{role}", unit=place.name if place else ""), *shown)
            found.append(view)
        self._console.print(table)
        commune, province = found
        apart = (commune.own, commune.other, province.other) == ("shown", "worker-not-found", "shown")
        closed = commune.events == province.events == "permission-missing"
        self._check(apart and closed and commune.revealed, "run.check-views")

    def _seen(self, code: str) -> str:
        key = f"run.seen.{code}"
        return self._say(key) if key in catalogue() else code

    def _same(self, system: str, held: dict[str, Any] | None, record: dict[str, Any]) -> bool:
        """Does a system hold this person's name, activity and workplace as the record has them?"""
        if held is None:
            return False
        said, groups = self._street.said(system, held), record["groups"]
        situation = groups.get("situation", {}).get("values", {})
        workplace = situation.get("workplace_name") if situation.get("activity") == "1" else None
        return (
            search_key(said["full_name"] or "") == search_key(groups["basic"]["values"]["full_name"])
            and said["activity"] == situation.get("activity")
            and (said["workplace_name"] or None) == workplace
        )

    def _uninsured(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for number, record in self._verified.items():
            insurance = record["groups"].get("insurance", {}).get("values", {})
            if insurance.get("participation") == "0":
                yield number, record

    def _heading(self, key: str) -> None:
        self._console.print()
        self._console.rule(self._say(key), align="left")

    def _check(self, holds: bool, key: str, **values: object) -> None:
        what = self._say(key, **values) if key.startswith("run.") else key
        self._console.print(
            self._say("run.verified" if holds else "run.failed", what=what), style="green" if holds else "red"
        )
        self.failures += not holds

    def _say(self, key: str, **values: object) -> str:
        return say(key, self._lang, **values)


def _of_two_communes(records: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    own = next(record for record in records if record["commune"])
    return own, next(record for record in records if record["commune"] not in (None, own["commune"]))


def _make_workbook(path: Path) -> None:
    # The mocks' own program writes it: nothing of the house imports the mocks, which are its witness.
    command = [sys.executable, "-m", "mock_services", "sample-workbook", "--out", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _number(record: dict[str, Any]) -> str:
    return str(record["groups"]["basic"]["values"]["personal_number"])


def _state(record: dict[str, Any], system: str) -> str:
    return next((one["state"] for one in record["targets"] if one["target"] == system), "")


def _moved(record: dict[str, Any], at: int) -> dict[str, Any]:
    """A change slip: the person has found other work since."""
    basic = record["groups"]["basic"]["values"]
    place = record["groups"]["residence"]["values"]["permanent"]
    home = {"ma_tinh": place["province"], "ma_xa": place["commune"], "chi_tiet": place["detail"]}
    return {
        "form": "tt11_mau03",
        "declared_on": record["groups"]["situation"]["as_of"],
        "slip_kind": "change",
        "key": f"demo-change-{record['worker_id']}",
        "commune": place["commune"],
        "fields": {
            "ho_ten": basic["full_name"],
            "ngay_sinh": basic["birth_date"],
            "gioi_tinh": basic["sex"],
            "so_dinh_danh": basic["personal_number"],
            "thuong_tru": home,
            "trinh_do_gdpt": "3",
            "trinh_do_cmkt": "1",
            "tinh_trang_hdkt": "1",
            "vi_the_viec_lam": "2",
            "cong_viec_cu_the": "Trồng chè",
            "tham_gia_bhxh": False,
            "co_hdld": False,
            "noi_lam_viec": f"Đồi chè mẫu số {at + 1}",
            "loai_hinh_noi_lam_viec": "2",
            "dia_chi_noi_lam_viec": home,
        },
    }
