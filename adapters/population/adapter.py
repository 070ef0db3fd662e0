"""Calls to the population database. Only input and output; what is said and heard is in the pure modules beside."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import httpx
from lxml import etree

from adapters.lgsp.batches import deliver_halving, read_by_number
from adapters.lgsp.client import PlatformClient
from adapters.lgsp.envelope import Fault, item_outcome, item_place
from adapters.lgsp.faults import not_an_answer, of_status
from adapters.lgsp.feeds import read_page
from adapters.lgsp.rows import rows_about
from adapters.lgsp.safe_xml import child, children, text_of
from adapters.lgsp.token import TokenSource
from adapters.lgsp.tracing import request_id, trace_headers
from adapters.population import identity, mapping, soap, wire
from adapters.population.settings import BATCH_SIZE_MAX, PAGE_SIZE_MAX, PopulationSettings
from contracts.adapter_port import (
    ChangePage,
    Delivery,
    IdentityAnswer,
    IdentityClaim,
    Outcome,
    PersonKey,
    Pong,
    Refused,
    TryLater,
    View,
)
from contracts.canonical import Json, JsonObject
from contracts.worker import SystemName, WorkerRecord

_NAME: Final = "population"
_EXISTS_CODE: Final = "033"
_CITIZEN_CODE: Final = "037"


class PopulationAdapter:
    """`SystemAdapter` and `IdentityVerifier` for the national population database."""

    def __init__(
        self, settings: PopulationSettings, token: TokenSource, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`transport` replaces the network in tests. Nothing is opened before the first call."""
        self._settings = settings
        self._client = PlatformClient(settings.base_url, token, settings.limits, transport)
        self._headers = {
            "content-type": soap.CONTENT_TYPE,
            "soapaction": '""',
            "authhash": settings.officer_header(),
        }

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
        """The worker data held now; None for somebody without any, or without the number by which they are found."""
        return await read_by_number(self._read, people, BATCH_SIZE_MAX)

    async def changes(self, since: str | None, limit: int) -> ChangePage:
        """Changes of citizens and of worker data after the id `since`. Raises TryLater."""
        size = max(1, min(limit, PAGE_SIZE_MAX))
        response = await self._feed(since or "0", size)
        rows = [soap.as_json(row) for row in children(response, "CongDan")]
        total = text_of(response, "TongSo") or ""
        more = total.isascii() and total.isdigit() and int(total) > len(rows)
        return read_page(rows, "MaThayDoi", since or "0", more, mapping.change)

    async def ping(self) -> Pong:
        """Asks for changes behind the end of the feed: there is no such thing as a status here. Raises TryLater."""
        started_s = time.perf_counter()
        try:
            await self._feed(wire.FEED_END, 1)
        except Refused as refused:
            raise TryLater(refused.cause, refused.detail) from None
        return Pong((time.perf_counter() - started_s) * 1000)

    async def verify(self, claim: IdentityClaim) -> IdentityAnswer:
        """Ask by 037, and by 033 whom it does not find. Never raises for the system's faults."""
        return await identity.verify(claim, self._citizen, self._exists)

    async def close(self) -> None:
        """Give back connections; the token source stays open for the others."""
        await self._client.close()

    async def _ask(
        self, path: str, operation: str, members: Iterable[tuple[str, Json]], headers: Mapping[str, str] | None = None
    ) -> etree._Element:
        sent = {**self._headers, **(headers or {})}
        answered = await self._client.ask("POST", path, soap.request(operation, members), sent)
        failed = of_status(answered.status, answered.headers)
        if failed is not None and answered.status != 500:
            raise failed
        try:
            response = soap.open_answer(operation, answered.body)
        except TryLater as later:
            raise failed or later from None
        if isinstance(response, Fault) and (failed is None or response.code == soap.SENDERS_FAULT):
            raise response.error()
        if failed is not None:
            raise failed
        assert not isinstance(response, Fault)
        return response

    async def _feed(self, since: str, size: int) -> etree._Element:
        members = [
            ("MaYeuCau", str(uuid.uuid4())),
            ("MaCanBo", self._settings.officer_number),
            ("TuNgay", "0"),
            ("DenNgay", "0"),
            ("Loai", "0"),
            ("Trang", "1"),
            ("SoBanGhi", str(size)),
            ("SauMa", since),
        ]
        return await self._ask(wire.WORKER_PATH, wire.CHANGES, members)

    def _head(self, request_id: str) -> list[tuple[str, Json]]:
        settings = self._settings
        return [("MaYeuCau", request_id), ("MaDVC", settings.procedure_code), ("MaCanBo", settings.officer_number)]

    async def _send(self, batch: Sequence[Delivery]) -> list[Outcome]:
        asked = request_id(batch)
        head = self._head(asked)
        people: list[tuple[str, Json]] = [("NguoiLaoDong", soap.in_order(one.view)) for one in batch]
        response = await self._ask(wire.WORKER_PATH, wire.UPDATE, head + people, trace_headers(asked))
        place = item_place(_NAME, wire.UPDATE, "xml")
        listed: list[Json] = [soap.as_json(row) for row in children(response, place.list_path.rpartition("/")[2])]
        rows = rows_about(listed, "SoDinhDanh", [one.view["SoDinhDanh"] for one in batch])
        return [item_outcome(_NAME, place, row.get(place.code_path)) for row in rows]

    async def _read(self, numbers: Sequence[str]) -> list[View | None]:
        asked: list[tuple[str, Json]] = [("SoDinhDanh", number) for number in numbers]
        response = await self._ask(wire.WORKER_PATH, wire.READ_BACK, self._head(str(uuid.uuid4())) + asked)
        listed: list[Json] = [soap.as_json(row) for row in children(response, "BanGhi")]
        rows = rows_about(listed, "SoDinhDanh", list(numbers))
        return [_held(row.get("NguoiLaoDong")) for row in rows]

    async def _citizen(self, claim: IdentityClaim, born: JsonObject) -> JsonObject | None:
        head = self._head(str(uuid.uuid4()))
        head.insert(2, ("MaTichHop", _CITIZEN_CODE))
        members = [*head, *_named(claim), ("NgayThangNamSinh", born)]
        response = await self._ask(wire.CITIZEN_PATH, wire.CITIZEN, members)
        collection = child(response, "CongdanCollection")
        if collection is None:
            raise not_an_answer("no collection of citizens")
        citizen = child(collection, "CongDan")
        found = soap.as_json(citizen) if citizen is not None else {}
        # An empty name is how "not found" looks as well.
        return found if mapping.full_name(found) is not None else None

    async def _exists(self, claim: IdentityClaim) -> bool:
        members: list[tuple[str, Json]] = [
            ("MaYeuCau", str(uuid.uuid4())),
            ("MaTichHop", _EXISTS_CODE),
            ("MaCanBo", self._settings.officer_number),
            *_named(claim),
        ]
        response = await self._ask(wire.CITIZEN_PATH, wire.EXISTS, members)
        result = child(response, "KetQuaXacThuc")
        said = text_of(result, "TonTai") if result is not None else None
        if said not in {"true", "false", "1", "0"}:
            raise not_an_answer("neither true nor false")
        return said in {"true", "1"}


def _named(claim: IdentityClaim) -> list[tuple[str, Json]]:
    number: tuple[str, Json] = ("SoCMND", claim.cmnd)
    if claim.personal_number:
        number = ("SoDinhDanh", claim.personal_number)
    return [number, ("HoVaTen", wire.capitals(claim.full_name))]


def _held(worker: Json) -> View | None:
    return mapping.held_view(worker) if isinstance(worker, dict) else None
