"""Calls to labour supply and demand. Only input and output; what is said and heard is in `mapping`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
import orjson

from adapters.labour_market import mapping, wire
from adapters.labour_market.settings import BATCH_SIZE_MAX, PAGE_SIZE_MAX, LabourMarketSettings
from adapters.lgsp.batches import deliver_halving, read_by_number
from adapters.lgsp.client import PlatformClient
from adapters.lgsp.envelope import fault_in_json, item_outcome, item_place
from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.feeds import read_page
from adapters.lgsp.rows import rows_about, rows_of
from adapters.lgsp.token import TokenSource
from adapters.lgsp.tracing import request_id, trace_headers
from adapters.lgsp.wire import read_json
from contracts.adapter_port import (
    ChangePage,
    Delivered,
    Delivery,
    Outcome,
    PersonKey,
    Pong,
    Refused,
    TryLater,
    View,
)
from contracts.canonical import Json, JsonObject
from contracts.worker import SystemName, WorkerRecord

_NAME: Final = "labour_market"
_DONE: Final = "thanh_cong"
_LATER: Final = "thu_lai"


class LabourMarketAdapter:
    """`SystemAdapter` for labour supply and demand."""

    def __init__(
        self, settings: LabourMarketSettings, token: TokenSource, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`transport` replaces the network in tests. Nothing is opened before the first call."""
        self._settings = settings
        self._client = PlatformClient(settings.base_url, token, settings.limits, transport)

    @property
    def name(self) -> SystemName:
        """The system's name in our words."""
        return _NAME

    @property
    def batch_size_max(self) -> int:
        """How many deliveries one call takes."""
        return self._settings.batch_size

    def view(self, record: WorkerRecord) -> View:
        """Pure. Raises CannotTranslate."""
        return mapping.view(record)

    def person_key(self, view: View) -> PersonKey:
        """The numbers in a view."""
        return mapping.person_key(view)

    async def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """One outcome each, in order. Raises TryLater for all of them."""
        return await deliver_halving(self._send, batch)

    async def read(self, people: Sequence[PersonKey]) -> list[View | None]:
        """What is held now; None for somebody unknown there, or without the number by which they are found."""
        return await read_by_number(self._read, people, BATCH_SIZE_MAX)

    async def changes(self, since: str | None, limit: int) -> ChangePage:
        """Changes after the id `since`. Raises TryLater."""
        size = max(1, min(limit, PAGE_SIZE_MAX))
        body = await self._client.get(wire.CHANGES, {"sau": since or "0", "toi_da": size})
        answer = _opened("thay-doi", body)
        rows, total = rows_of(answer.get("data")), answer.get("total")
        more = isinstance(total, int) and total > len(rows)
        return read_page(rows, "ma", since or "0", more, mapping.change)

    async def ping(self) -> Pong:
        """Asks for the system's own status. Raises TryLater."""
        started_s = time.perf_counter()
        try:
            _opened("trang-thai", await self._client.get(wire.STATUS, {}))
        except Refused as refused:
            raise TryLater(refused.cause, refused.detail) from None
        return Pong((time.perf_counter() - started_s) * 1000)

    async def close(self) -> None:
        """Give back connections; the token source stays open for the others."""
        await self._client.close()

    async def _send(self, batch: Sequence[Delivery]) -> list[Outcome]:
        answer = await self._put([one.view for one in batch], trace_headers(request_id(batch)))
        numbers = [one.view["so_dinh_danh"] for one in batch]
        return [_outcome(row) for row in rows_about(answer.get("data"), "so_dinh_danh", numbers)]

    async def _put(self, workers: Sequence[View], headers: Mapping[str, str]) -> JsonObject:
        body = orjson.dumps({"nguoi_lao_dong": workers})
        return _opened("nguoi-lao-dong", await self._client.put(wire.WORKERS, body, "application/json", headers))

    async def _read(self, numbers: Sequence[str]) -> list[View | None]:
        body = orjson.dumps({"so_dinh_danh": list(numbers)})
        answer = _opened("tra-cuu", await self._client.post(wire.READ_BACK, body, "application/json"))
        rows = rows_about(answer.get("data"), "so_dinh_danh", list(numbers))
        return [_held(row.get("nguoi_lao_dong")) for row in rows]


def _opened(service: str, body: bytes) -> JsonObject:
    answer = read_json(body)
    if (fault := fault_in_json(_NAME, service, answer)) is not None:
        raise fault.error()
    if "data" not in answer or "error" not in answer:
        raise not_an_answer("no data and no error")
    return answer


def _outcome(row: JsonObject) -> Outcome:
    result, code = row.get("ket_qua"), row.get("ma_loi")
    if result == _DONE:
        return Delivered()
    outcome = item_outcome(_NAME, item_place(_NAME, "nguoi-lao-dong", "json"), code)
    cause, detail = ("unknown-code", "") if isinstance(outcome, Delivered) else (outcome.cause, outcome.detail)
    return TryLater(cause, detail) if result == _LATER else Refused(cause, detail)


def _held(worker: Json) -> View | None:
    return mapping.held_view(worker) if isinstance(worker, dict) else None
