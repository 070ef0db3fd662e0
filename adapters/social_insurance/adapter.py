"""Calls to social insurance. Only input and output; what is said and heard is in `mapping` and `lookups`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
import orjson

from adapters.lgsp.batches import deliver_halving, read_by_number
from adapters.lgsp.client import PlatformClient
from adapters.lgsp.envelope import fault_in_json, item_outcome, item_place
from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.feeds import read_page
from adapters.lgsp.rows import rows_about, rows_of
from adapters.lgsp.token import TokenSource
from adapters.lgsp.tracing import request_id, trace_headers
from adapters.lgsp.wire import read_json
from adapters.social_insurance import lookups, mapping, wire
from adapters.social_insurance.settings import BATCH_SIZE_MAX, PAGE_SIZE_MAX, SocialInsuranceSettings
from contracts.adapter_port import (
    ChangePage,
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

_NAME: Final = "social_insurance"


class SocialInsuranceAdapter:
    """`SystemAdapter` for social insurance, with its three look-ups beside."""

    def __init__(
        self, settings: SocialInsuranceSettings, token: TokenSource, transport: httpx.AsyncBaseTransport | None = None
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
        answer = await self._ask(wire.CHANGES, {"tuMa": since or "", "soBanGhi": size})
        page = answer.get("result")
        if not isinstance(page, dict):
            raise not_an_answer("no page of changes")
        return read_page(
            rows_of(page.get("data")), "maThayDoi", since or "", page.get("conTiep") is True, mapping.change
        )

    async def ping(self) -> Pong:
        """Asks for changes behind the end of the feed: there is no such thing as a status here. Raises TryLater."""
        started_s = time.perf_counter()
        try:
            await self._ask(wire.CHANGES, {"tuMa": wire.FEED_END, "soBanGhi": 1})
        except Refused as refused:
            raise TryLater(refused.cause, refused.detail) from None
        return Pong((time.perf_counter() - started_s) * 1000)

    async def close(self) -> None:
        """Give back connections; the token source stays open for the others."""
        await self._client.close()

    async def lookup_by_number(self, number: str) -> lookups.Insured | None:
        """Whose social-insurance number is this? Raises TryLater or Refused."""
        return await lookups.lookup_by_number(self._ask, number)

    async def find_number(self, criteria: lookups.Criteria) -> str | None:
        """Which social-insurance number has this person? Raises TryLater, Refused or CannotTranslate."""
        return await lookups.find_number(self._ask, criteria)

    async def household(self, criteria: lookups.Criteria) -> lookups.Member | None:
        """In which household is this person insured? Raises TryLater, Refused or CannotTranslate."""
        return await lookups.household(self._ask, criteria)

    async def _ask(self, operation: str, question: JsonObject, headers: Mapping[str, str] | None = None) -> JsonObject:
        body = await self._client.post(f"/apiBHXH/{operation}", orjson.dumps(question), "application/json", headers)
        answer = read_json(body)
        if (fault := fault_in_json(_NAME, operation, answer)) is not None:
            raise fault.error()
        return answer

    async def _send(self, batch: Sequence[Delivery]) -> list[Outcome]:
        asked = request_id(batch)
        question: JsonObject = {"maYeuCau": asked, "nguoiLaoDong": [one.view for one in batch]}
        answer = await self._ask(wire.UPDATE, question, trace_headers(asked))
        place = item_place(_NAME, wire.UPDATE, "json")
        numbers = [one.view["soDinhDanh"] for one in batch]
        rows = rows_about(answer.get(place.list_path), "soDinhDanh", numbers)
        return [item_outcome(_NAME, place, row.get(place.code_path)) for row in rows]

    async def _read(self, numbers: Sequence[str]) -> list[View | None]:
        question: JsonObject = {"maYeuCau": str(uuid.uuid4()), "soDinhDanh": [*numbers]}
        answer = await self._ask(wire.READ_BACK, question)
        rows = rows_about(answer.get("result"), "soDinhDanh", list(numbers))
        return [_held(row.get("nguoiLaoDong")) for row in rows]


def _held(worker: Json) -> View | None:
    return mapping.held_view(worker) if isinstance(worker, dict) else None
