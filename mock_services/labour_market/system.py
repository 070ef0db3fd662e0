"""The labour market system as one simulated system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from mock_services.calls import JSON, Answer, Call, ItemFaults, Unacceptable, Work
from mock_services.envelopes import gateway_fault
from mock_services.feed import Holdings, Row
from mock_services.instants import iso
from mock_services.labour_market.workers import Worker, contradicts, introduced, placed
from mock_services.people.world import World
from mock_services.specifications import shape

_BATCH_MAX: Final = 100
_PAGE_MAX: Final = 500
_PATHS: Final = {
    ("PUT", "/cungcau/v1/nguoi-lao-dong"): "nguoi-lao-dong",
    ("POST", "/cungcau/v1/nguoi-lao-dong/tra-cuu"): "tra-cuu",
    ("GET", "/cungcau/v1/thay-doi"): "thay-doi",
    ("POST", "/cungcau/v1/nhu-cau"): "nhu-cau",
    ("POST", "/cungcau/v1/gioi-thieu"): "gioi-thieu",
    ("GET", "/cungcau/v1/trang-thai"): "trang-thai",
}
_LIST_OF: Final = {"nguoi-lao-dong": "nguoi_lao_dong", "tra-cuu": "so_dinh_danh"}
_KINDS: Final = frozenset({"cap_nhat", "nhu_cau", "gioi_thieu"})
_ITEM_FAULTS: Final = {
    "refuse_person": ("tu_choi", "DU_LIEU_KHONG_HOP_LE", "Dữ liệu không hợp lệ"),
    "busy_person": ("thu_lai", "HO_SO_BAN", "Hồ sơ đang được xử lý"),
}
_Data = tuple[object, int, str]


class _Refused(Exception):
    def __init__(self, code: str, user_message: str, internal: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.user_message = user_message
        self.internal = internal


class LabourMarket:
    """State: workers written, feed."""

    name = "labour_market"

    def __init__(self, world: World) -> None:
        self.world = world
        self.holdings = Holdings()
        self._operations: Mapping[str, Callable[[Any, ItemFaults], _Data]] = {
            "nguoi-lao-dong": self._write,
            "tra-cuu": self._read,
            "thay-doi": self._changes,
            "nhu-cau": self._need,
            "gioi-thieu": self._place,
            "trang-thai": lambda *_: ({"trang_thai": "hoat_dong"}, 1, "done"),
        }

    def needs_token(self, _: Call) -> bool:
        """Every call."""
        return True

    def gateway_fault(self, _: Call, status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
        """JSON."""
        return gateway_fault(status, code, message, retry_after_s)

    def closed(self) -> Answer:
        """An error inside an answer with HTTP 200."""
        return _error(_Refused("BAO_TRI", "Hệ thống đang bảo trì"))

    def understand(self, call: Call) -> Work:
        """Parse; the schema is checked when the work runs."""
        operation = _PATHS.get((call.method, call.path))
        if operation is None:
            missing = gateway_fault(404, 404, "No matching resource found", None)
            return Work(f"{call.method} {call.path}", lambda _: missing)
        asked: Any = dict(call.query)
        if call.method != "GET":
            try:
                asked = orjson.loads(call.body)
            except orjson.JSONDecodeError:
                asked = None
        return Work(operation, lambda items: self._run(operation, asked, items), _people(operation, asked))

    def _run(self, operation: str, asked: Any, items: ItemFaults) -> Answer:
        try:
            _demand_request(operation, asked)
            data, total, outcome = self._operations[operation](asked, items)
        except _Refused as refused:
            return _error(refused)
        encoded = orjson.dumps({"data": data, "error": None, "total": total})
        fault = shape(self.name, _RESPONSES[operation])(orjson.loads(encoded))
        assert fault is None, fault
        return Answer(200, JSON, encoded, outcome)

    def _write(self, asked: Any, items: ItemFaults) -> _Data:
        valid = shape(self.name, "NguoiLaoDong")
        results, refused = [], 0
        for worker in asked["nguoi_lao_dong"]:
            number = worker.get("so_dinh_danh") if isinstance(worker, dict) else None
            number = number if isinstance(number, str) else None
            item_fault = items(number or "")
            result, code, message = _judge(worker, valid) if item_fault is None else _ITEM_FAULTS[item_fault]
            if code is None:
                self.holdings.write(number or "", worker, "cap_nhat")
            else:
                refused += 1
            results.append({"so_dinh_danh": number, "ket_qua": result, "ma_loi": code, "thong_bao": message})
        return results, len(results), "done" if not refused else f"refused {refused} of {len(results)}"

    def _read(self, asked: Any, _: ItemFaults) -> _Data:
        rows = []
        for number in asked["so_dinh_danh"]:
            held = self.holdings.get(number)
            rows.append({"so_dinh_danh": number, "nguoi_lao_dong": None if held is None else orjson.Fragment(held)})
        return rows, len(rows), "done"

    def _changes(self, asked: Any, _: ItemFaults) -> _Data:
        feed = self.holdings.feed
        start = feed.after(_whole(asked.get("sau", "0"), 0, None))
        rows = feed.rows(start, start + _whole(asked.get("toi_da", "100"), 1, _PAGE_MAX))
        return [_told(row) for row in rows], len(feed) - start, f"{len(rows)} rows"

    def _need(self, asked: Any, _: ItemFaults) -> _Data:
        worker = {**self._worker(asked["so_dinh_danh"]), "nhu_cau_tim_viec": True}
        return {"ma": self.holdings.write(worker["so_dinh_danh"], worker, "nhu_cau")}, 1, "done"

    def _place(self, asked: Any, _: ItemFaults) -> _Data:
        worker = placed(self._worker(asked["so_dinh_danh"]), asked)
        return {"ma": self.holdings.write(worker["so_dinh_danh"], worker, "gioi_thieu")}, 1, "done"

    def _worker(self, number: str) -> Worker:
        held = self.holdings.read(number)
        if held is not None:
            return held
        person = self.world.find(number)
        if person is None:
            raise _Refused("KHONG_TIM_THAY", "Không tìm thấy")
        return introduced(person)

    def person(self, number: str) -> dict[str, Any]:
        """The worker held."""
        held = self.holdings.read(number)
        return {"known": held is not None, "personal_number": number, "held": held}

    def people(self, after: int, limit: int) -> dict[str, Any]:
        """Workers held."""
        found, following = self.holdings.page(after, limit)
        people = [{"personal_number": number, "held": orjson.Fragment(held)} for number, held in found]
        return {"people": people, "next": following}

    def change(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`personal_number`, `worker` (values laid over what is held) and `kind` (cap_nhat if left out).

        With kind gioi_thieu, `worker` is the placement: ten_nsdld, ngay_nhan_viec, …
        """
        number, values, kind = request.get("personal_number"), request.get("worker"), request.get("kind", "cap_nhat")
        if not isinstance(number, str) or not isinstance(values, dict) or kind not in _KINDS:
            raise Unacceptable("personal_number, worker and a known kind are needed")
        try:
            worker = self._worker(number)
        except _Refused:
            worker = {"so_dinh_danh": number}
        if kind == "gioi_thieu":
            _acceptable("gioi-thieuRequest", {**values, "so_dinh_danh": number})
            worker = placed(worker, values)
        else:
            laid_over = {**worker, **values, "so_dinh_danh": number}
            worker = {name: value for name, value in laid_over.items() if value is not None}
        _acceptable("NguoiLaoDong", worker)
        return {"change_ids": [self.holdings.write(number, worker, kind)], **self.person(number)}

    def reset(self) -> None:
        """Forget everything written."""
        self.holdings.clear()

    def health(self) -> dict[str, Any]:
        """Counts."""
        return {"people": self.world.size, "held": len(self.holdings), "changes": len(self.holdings.feed)}


_RESPONSES: Final = {
    **{name: f"{name}Response" for name in ("nguoi-lao-dong", "tra-cuu", "thay-doi", "trang-thai")},
    "nhu-cau": "IdResponse",
    "gioi-thieu": "IdResponse",
}


def _judge(worker: object, valid: Callable[[object], str | None]) -> tuple[str, str | None, str | None]:
    fault = valid(worker)
    if fault is not None or not isinstance(worker, dict):
        return "tu_choi", "DU_LIEU_KHONG_HOP_LE", f"Dữ liệu không hợp lệ: {fault}"
    if contradicts(worker):
        return "tu_choi", "MAU_THUAN", "Thông tin mâu thuẫn"
    return "thanh_cong", None, None


def _people(operation: str, asked: Any) -> tuple[str, ...]:
    if not isinstance(asked, dict):
        return ()
    items = asked.get(_LIST_OF.get(operation, "so_dinh_danh"))
    found = items if isinstance(items, list) else [items]
    numbers = (one.get("so_dinh_danh") if isinstance(one, dict) else one for one in found)
    return tuple(number for number in numbers if isinstance(number, str))


def _demand_request(operation: str, asked: Any) -> None:
    """Refuse the whole call: too many, or not built as specified (the items of a writing are judged one by one)."""
    if operation in {"thay-doi", "trang-thai"}:
        return
    name = _LIST_OF.get(operation, "")
    items = asked.get(name) if isinstance(asked, dict) else None
    if isinstance(items, list) and len(items) > _BATCH_MAX:
        raise _Refused("QUA_SO_LUONG", "Vượt quá số bản ghi cho phép")
    if operation == "nguoi-lao-dong" and isinstance(items, list) and items:
        asked = {**asked, name: [{"so_dinh_danh": "0" * 12, "ho_ten": "-", "ngay_sinh": "1900"}]}
    fault = shape("labour_market", f"{operation}Request")(asked)
    if fault is not None:
        raise _Refused("DU_LIEU_KHONG_HOP_LE", "Dữ liệu không hợp lệ", fault)


def _whole(text: str, least: int, most: int | None) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
    if value < least or (most is not None and value > most):
        raise _Refused("DU_LIEU_KHONG_HOP_LE", "Dữ liệu không hợp lệ", "sau, toi_da")
    return value


def _told(row: Row) -> dict[str, Any]:
    return {
        "ma": row.change_id,
        "thoi_diem": iso(row.at_ms),
        "loai": row.kind,
        "so_dinh_danh": row.number,
        "nguoi_lao_dong": orjson.Fragment(row.held or b"null"),
    }


def _error(refused: _Refused) -> Answer:
    error = {"code": refused.code, "internalMessage": refused.internal, "userMessage": refused.user_message}
    return Answer(200, JSON, orjson.dumps({"data": None, "error": error, "total": 0}), refused.code)


def _acceptable(name: str, value: object) -> None:
    fault = shape("labour_market", name)(value)
    if fault is not None:
        raise Unacceptable(f"the change breaks the contract: {fault}")
