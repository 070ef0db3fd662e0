"""The population database as one simulated system: dispatch, officer's rights, state."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from lxml import etree

from mock_services.calls import Answer, Call, ItemFaults, Unacceptable, Work
from mock_services.feed import Holdings
from mock_services.people.world import World
from mock_services.population import soap
from mock_services.population.changes import answer_changes
from mock_services.population.citizens import Citizens, agrees
from mock_services.population.worker_data import DONE, judge, ordered, read_worker, write_worker
from mock_services.specifications import json_schema
from mock_services.tokens import credentials

IDENTITY: Final = "1"
WORKER: Final = "2"
_PATHS: Final = {
    "/csdldc/1.0/congdan": ("XacThucThongTinCongDan", "TraCuuThongTinCongDan"),
    "/csdldc/1.0/nguoilaodong": ("CapNhatThongTinLaoDong", "TraCuuThongTinLaoDong", "LayThayDoi"),
}
_ITEM_FAULTS: Final = {
    "refuse_person": ("03", "Dữ liệu lao động không hợp lệ"),
    "busy_person": ("09", "Hồ sơ đang được xử lý"),
}


class Population:
    """State: changed citizens, worker data, feed."""

    name = "population"

    def __init__(self, world: World) -> None:
        self.citizens = Citizens(world)
        self.holdings = Holdings()
        self._operations: Mapping[str, Callable[[etree._Element, ItemFaults], Answer]] = {
            "XacThucThongTinCongDan": self._exists,
            "TraCuuThongTinCongDan": self._read_citizen,
            "CapNhatThongTinLaoDong": self._write_workers,
            "TraCuuThongTinLaoDong": self._read_workers,
            "LayThayDoi": lambda request, _: answer_changes(self.holdings.feed, request),
        }

    def needs_token(self, _: Call) -> bool:
        """Every call."""
        return True

    def gateway_fault(self, _: Call, status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
        """XML, as the platform answers on SOAP paths."""
        headers = () if retry_after_s is None else (("retry-after", str(retry_after_s)),)
        return soap.gateway_fault(status, code, message, headers)

    def closed(self) -> Answer:
        """HTTP 503 with a SOAP Fault."""
        answer = soap.fault("Server", "Hệ thống đang bảo trì")
        return Answer(503, answer.content_type, answer.body)

    def understand(self, call: Call) -> Work:
        """Parse and validate; rights are checked when the work runs."""
        if call.method != "POST" or call.path not in _PATHS:
            answer = self.gateway_fault(call, 404, 404, "No matching resource found", None)
            return Work(call.path, lambda _: answer)
        try:
            request = soap.open_request(call.body)
        except soap.Unreadable as error:
            fault = soap.fault("Client", str(error))
            return Work("unreadable", lambda _: fault)
        operation = soap.local(request)
        if operation not in _PATHS[call.path]:
            fault = soap.fault("Client", "this operation is not at this address")
            return Work(operation, lambda _: fault)
        numbers = tuple(found.text or "" for found in request.iter(f"{{{soap.BCA}}}SoDinhDanh"))
        return Work(operation, lambda items: self._run(call, operation, request, items), numbers)

    def _run(self, call: Call, operation: str, request: etree._Element, items: ItemFaults) -> Answer:
        procedure = soap.text_of(request, "MaDVC")
        if procedure is not None and procedure in credentials()["unlicensed_MaDVC"]:
            return soap.refuse(operation, "004", "Thủ tục hành chính chưa được cấp phép khai thác CSDLQG về dân cư")
        if call.headers.get("authhash") != _officer():
            return soap.refuse(operation, "005", "Tài khoản cán bộ không có quyền khai thác")
        return self._operations[operation](request, items)

    def _exists(self, request: etree._Element, _: ItemFaults) -> Answer:
        found = self.citizens.find(soap.text_of(request, "SoDinhDanh") or soap.text_of(request, "SoCMND") or "")
        true = found is not None and agrees(found, soap.text_of(request, "HoVaTen") or "", None)
        inner = f"<KetQuaXacThuc><TonTai>{'true' if true else 'false'}</TonTai></KetQuaXacThuc>"
        return soap.respond("XacThucThongTinCongDan", inner, "true" if true else "false")

    def _read_citizen(self, request: etree._Element, _: ItemFaults) -> Answer:
        found = self.citizens.find(soap.text_of(request, "SoDinhDanh") or soap.text_of(request, "SoCMND") or "")
        date = request.find(f"{{{soap.BCA}}}NgayThangNamSinh")
        asked = None if date is None else date[0].text
        if found is None or not agrees(found, soap.text_of(request, "HoVaTen") or "", asked):
            inner = '<dc:CongdanCollection GhiChu="Không tìm thấy công dân" SoCongDan="0"/>'
            return soap.respond("TraCuuThongTinCongDan", inner, "not_found")
        citizen = f"<dc:CongDan>{soap.xml_of(found, 'dc:')}</dc:CongDan>"
        inner = f'<dc:CongdanCollection SoCongDan="1">{citizen}</dc:CongdanCollection>'
        return soap.respond("TraCuuThongTinCongDan", inner, "found")

    def _write_workers(self, request: etree._Element, items: ItemFaults) -> Answer:
        parts, refused = [], 0
        for element in request.iterchildren(f"{{{soap.BCA}}}NguoiLaoDong"):
            worker = read_worker(element)
            number = worker["SoDinhDanh"]
            fault = items(number)
            code, message = judge(worker, self.citizens) if fault is None else _ITEM_FAULTS[fault]
            if (code, message) == DONE:
                self.holdings.write(number, worker, WORKER)
            else:
                refused += 1
            result = {"SoDinhDanh": number, "MaKetQua": code, "ThongBao": message}
            parts.append(f"<KetQua>{soap.xml_of(result)}</KetQua>")
        outcome = "done" if not refused else f"refused {refused} of {len(parts)}"
        return soap.respond("CapNhatThongTinLaoDong", "".join(parts), outcome)

    def _read_workers(self, request: etree._Element, _: ItemFaults) -> Answer:
        parts = []
        for element in request.iterchildren(f"{{{soap.BCA}}}SoDinhDanh"):
            held = self.holdings.read(element.text or "")
            worker = "" if held is None else write_worker(held)
            parts.append(f"<BanGhi><SoDinhDanh>{element.text}</SoDinhDanh>{worker}</BanGhi>")
        return soap.respond("TraCuuThongTinLaoDong", "".join(parts))

    def person(self, number: str) -> dict[str, Any]:
        """Citizen and worker data."""
        citizen, held = self.citizens.find(number), self.holdings.read(number)
        return {"known": citizen is not None, "personal_number": number, "citizen": citizen, "held": held}

    def people(self, after: int, limit: int) -> dict[str, Any]:
        """People with worker data."""
        found, following = self.holdings.page(after, limit)
        people = [{"personal_number": number, "held": orjson.Fragment(held)} for number, held in found]
        return {"people": people, "next": following}

    def change(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`personal_number` and `citizen`, `worker` or both: values laid over what is held, null takes one away."""
        number, citizen, worker = request.get("personal_number"), request.get("citizen"), request.get("worker")
        if not isinstance(number, str) or not (citizen or worker):
            raise Unacceptable("personal_number and one of citizen, worker are needed")
        changes = []
        if citizen:
            changed = self.citizens.laid_over(number, citizen)
            _check({"CongDan": changed, "NguoiLaoDong": None})
            self.citizens.keep(changed)
            changes.append(self.holdings.feed.append(IDENTITY, number, None, orjson.dumps(changed)))
        if worker:
            laid_over = ordered({**(self.holdings.read(number) or {}), **worker, "SoDinhDanh": number})
            _check({"CongDan": None, "NguoiLaoDong": laid_over})
            changes.append(self.holdings.write(number, laid_over, WORKER))
        return {**self.person(number), "change_ids": changes}

    def reset(self) -> None:
        """Forget everything written."""
        self.citizens.clear()
        self.holdings.clear()

    def health(self) -> dict[str, Any]:
        """Counts."""
        held, changes = len(self.holdings), len(self.holdings.feed)
        return {"people": self.citizens.world.size, "held": held, "changes": changes}


def _check(body: dict[str, Any]) -> None:
    fault = json_schema("population", "nguoilaodong_body.schema.json")(body)
    if fault is not None:
        raise Unacceptable(f"the change breaks the contract: {fault}")


def _officer() -> str:
    officer = credentials()["officer"]
    return base64.b64encode(f"{officer['keyName']}:{officer['keyPass']}".encode()).decode()
