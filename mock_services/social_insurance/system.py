"""Social insurance as one simulated system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from mock_services.calls import JSON, Answer, Call, ItemFaults, Unacceptable, Work
from mock_services.envelopes import gateway_fault
from mock_services.feed import Holdings, Row
from mock_services.instants import compact, now_ms
from mock_services.people.world import World
from mock_services.social_insurance.insured import Insured
from mock_services.social_insurance.lookups import Body, by_insurance_number, household, number_by_criteria
from mock_services.social_insurance.situations import DONE, INVALID, after_participation, judge
from mock_services.specifications import shape

_BASE: Final = "/apiBHXH/"
_BATCH_MAX: Final = 100
_LIST_OF: Final = {
    "capNhatThongTinNguoiLaoDong": "nguoiLaoDong",
    "traCuuThongTinNguoiLaoDong": "soDinhDanh",
}
_LOOKUPS: Final[Mapping[str, Callable[[Insured, Body], tuple[Body, str]]]] = {
    "getTraCuuTtHgdByMaSoBhxh": by_insurance_number,
    "getMaSoBhxhTheoTieuChi": number_by_criteria,
    "getTraCuuThongTinHgd": household,
}
_Result = tuple[object, str]


class SocialInsurance:
    """State: spells, situations written, feed."""

    name = "social_insurance"

    def __init__(self, world: World) -> None:
        self.insured = Insured(world)
        self.holdings = Holdings()
        self._reconstructed: Mapping[str, Callable[[Body, ItemFaults], _Result]] = {
            "getQuaTrinhThamGia": self._participation,
            "capNhatThongTinNguoiLaoDong": self._write,
            "traCuuThongTinNguoiLaoDong": self._read,
            "layThayDoi": self._changes,
        }

    def needs_token(self, _: Call) -> bool:
        """Every call."""
        return True

    def gateway_fault(self, _: Call, status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
        """JSON."""
        return gateway_fault(status, code, message, retry_after_s)

    def closed(self) -> Answer:
        """An error inside an answer with HTTP 200, as the façade gives it."""
        return Answer(200, JSON, orjson.dumps({"Status": "0", "Message": "Hệ thống đang bảo trì"}))

    def understand(self, call: Call) -> Work:
        """Parse; the schema is checked when the work runs."""
        operation = call.path.removeprefix(_BASE)
        known = operation in _LOOKUPS or operation in self._reconstructed
        if call.method != "POST" or not call.path.startswith(_BASE) or not known:
            missing = gateway_fault(404, 404, "No matching resource found", None)
            return Work(call.path, lambda _: missing)
        try:
            asked = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            asked = None
        return Work(operation, lambda items: self._run(operation, asked, items), _people(operation, asked))

    def _run(self, operation: str, asked: Any, items: ItemFaults) -> Answer:
        refusal = _refusal(operation, asked)
        if refusal is not None:
            return refusal
        if operation in _LOOKUPS:
            body, outcome = _LOOKUPS[operation](self.insured, asked)
            return _checked(operation, body, outcome)
        result, outcome = self._reconstructed[operation](asked, items)
        if outcome == "01":
            return _checked(operation, {"error_code": "01", "message": "Không tìm thấy", "result": None}, "01")
        return _checked(operation, {"error_code": "00", "message": "Thành công", "result": result}, outcome)

    def _participation(self, asked: Body, _: ItemFaults) -> _Result:
        person = self.insured.find(asked.get("maSoBhxh") or asked.get("soDinhDanh") or "")
        if person is None or self.insured.number_of(person) is None:
            return None, "01"
        identity = self.insured.identity(person)
        return {
            "maSoBhxh": self.insured.number_of(person),
            "soDinhDanh": person.personal_number,
            **{name: identity[name] for name in ("hoTen", "ngaySinh", "loaiNgaySinh")},
            "quaTrinh": self.insured.spells(person.personal_number),
            "coSoDuLieuThoiDiem": compact(now_ms()),
        }, "found"

    def _write(self, asked: Body, items: ItemFaults) -> _Result:
        valid = shape(self.name, "NguoiLaoDong")
        results, refused = [], 0
        for worker in asked["nguoiLaoDong"]:
            number = worker.get("soDinhDanh") if isinstance(worker, dict) else None
            number = number if isinstance(number, str) else None
            fault = items(number or "")
            code, message = judge(worker, self.insured, valid) if fault is None else _ITEM_FAULTS[fault]
            if (code, message) == DONE:
                self.holdings.write(number or "", worker, "situation")
            else:
                refused += 1
            results.append({"soDinhDanh": number, "maKetQua": code, "moTaLoi": message})
        return results, "done" if not refused else f"refused {refused} of {len(results)}"

    def _read(self, asked: Body, _: ItemFaults) -> _Result:
        rows = []
        for number in asked["soDinhDanh"]:
            held = self.holdings.get(number)
            rows.append({"soDinhDanh": number, "nguoiLaoDong": None if held is None else orjson.Fragment(held)})
        return rows, "done"

    def _changes(self, asked: Body, _: ItemFaults) -> _Result:
        feed = self.holdings.feed
        start = feed.after(int(asked["tuMa"] or 0))
        rows = feed.rows(start, start + asked["soBanGhi"])
        data = [self._told(row) for row in rows]
        return {"data": data, "conTiep": start + len(rows) < len(feed)}, f"{len(rows)} rows"

    def _told(self, row: Row) -> dict[str, Any]:
        person = self.insured.world.find(row.number)
        return {
            "maThayDoi": f"{row.change_id:018d}",
            "thoiDiem": compact(row.at_ms),
            "soDinhDanh": row.number,
            "maSoBhxh": None if person is None else self.insured.number_of(person),
            "nguoiLaoDong": None if row.held is None else orjson.Fragment(row.held),
            "quaTrinh": None if row.extra is None else orjson.Fragment(row.extra),
        }

    def person(self, number: str) -> dict[str, Any]:
        """Identity, spells and situation."""
        person = self.insured.find(number)
        key = number if person is None else person.personal_number
        return {
            "known": person is not None or self.holdings.get(key) is not None,
            "personal_number": key,
            "social_insurance_number": None if person is None else self.insured.number_of(person),
            "identity": None if person is None else self.insured.identity(person),
            "participation": self.insured.spells(key),
            "held": self.holdings.read(key),
        }

    def people(self, after: int, limit: int) -> dict[str, Any]:
        """People whose situation was written."""
        found, following = self.holdings.page(after, limit)
        people = [{"personal_number": number, "held": orjson.Fragment(held)} for number, held in found]
        return {"people": people, "next": following}

    def change(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`personal_number` and `participation` (values of QuaTrinh), `worker` or both."""
        number, participation, worker = (request.get(name) for name in ("personal_number", "participation", "worker"))
        if not isinstance(number, str) or not (participation or worker):
            raise Unacceptable("personal_number and one of participation, worker are needed")
        held = self.holdings.read(number)
        if worker:
            held = {**(held or {}), **worker, "soDinhDanh": number}
        extra, spells = None, None
        if participation:
            spell, spells = self.insured.laid_over(number, participation)
            _demand("QuaTrinh", spell)
            held = None if held is None else after_participation(held, spell)
            extra = orjson.dumps(spell)
        if held is not None:
            _demand("NguoiLaoDong", held)
        if spells is not None:
            self.insured.keep(number, spells)
        kind = "participation" if participation else "situation"
        if held is None:
            change_id = self.holdings.feed.append(kind, number, None, extra)
        else:
            change_id = self.holdings.write(number, held, kind, extra)
        return {**self.person(number), "change_ids": [change_id]}

    def reset(self) -> None:
        """Forget everything written."""
        self.insured.clear()
        self.holdings.clear()

    def health(self) -> dict[str, Any]:
        """Counts."""
        held, changes = len(self.holdings), len(self.holdings.feed)
        return {"people": self.insured.world.size, "held": held, "changes": changes}


_ITEM_FAULTS: Final = {"refuse_person": INVALID, "busy_person": ("09", "Hồ sơ đang được xử lý")}


def _people(operation: str, asked: Any) -> tuple[str, ...]:
    if not isinstance(asked, dict):
        return ()
    items = asked.get(_LIST_OF.get(operation, "soDinhDanh"))
    found = items if isinstance(items, list) else [items]
    numbers = (one.get("soDinhDanh") if isinstance(one, dict) else one for one in found)
    return tuple(number for number in numbers if isinstance(number, str))


def _refusal(operation: str, asked: Any) -> Answer | None:
    """The whole call is refused: too many, or not built as specified (the items of a writing are judged one by one)."""
    name = _LIST_OF.get(operation, "")
    items = asked.get(name) if isinstance(asked, dict) else None
    if isinstance(items, list) and len(items) > _BATCH_MAX:
        return _error(operation, "06", "Vượt quá số bản ghi cho phép")
    if operation == "capNhatThongTinNguoiLaoDong" and isinstance(items, list) and items:
        asked = {**asked, name: [_WELL_BUILT]}
    fault = shape("social_insurance", f"{operation}Request")(asked)
    return None if fault is None else _error(operation, "03", f"Dữ liệu không hợp lệ: {fault}")


_WELL_BUILT: Final = {
    "soDinhDanh": "000000000000",
    "hoTen": "-",
    "ngaySinh": "1900",
    "loaiNgaySinh": "1",
    "gioiTinh": "3",
}


def _error(operation: str, code: str, message: str) -> Answer:
    body: dict[str, object] = {"error_code": code, "message": message, "result": None}
    if operation in _LOOKUPS:
        body = {"Status": "0", "Message": message}
    return Answer(200, JSON, orjson.dumps(body), code)


def _checked(operation: str, body: object, outcome: str) -> Answer:
    """Held against the contract: a simulation that breaks it proves nothing."""
    encoded = orjson.dumps(body)
    fault = shape("social_insurance", f"{operation}Response")(orjson.loads(encoded))
    assert fault is None, fault
    return Answer(200, JSON, encoded, outcome)


def _demand(name: str, value: object) -> None:
    fault = shape("social_insurance", name)(value)
    if fault is not None:
        raise Unacceptable(f"the change breaks the contract: {fault}")
