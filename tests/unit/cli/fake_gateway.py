"""A gateway in memory: it keeps keys as the real one does, and can be told to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class FakeGateway:
    """`fails` are answers given instead, one per request, before any other; `doubted` are names that it doubts."""

    fails: list[httpx.Response | Exception] = field(default_factory=list)
    doubted: frozenset[str] = frozenset()
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    routes: dict[tuple[str, str], Any] = field(default_factory=dict)
    before: Callable[[list[dict[str, Any]]], None] = lambda _entries: None

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.fails:
            failure = self.fails.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        known = self.routes.get((request.method, request.url.path))
        if known is not None:
            return known(request) if callable(known) else httpx.Response(200, json=known)
        if request.url.path != "/v1/entries":
            return problem(404, "not-found")
        entries = orjson.loads(request.content)["entries"]
        self.before(entries)
        self.batches.append(len(entries))
        return httpx.Response(200, json={"receipts": [self._receipt(entry) for entry in entries]})

    def _receipt(self, entry: dict[str, Any]) -> dict[str, Any]:
        again = entry["key"] in self.entries
        self.entries.setdefault(entry["key"], entry)
        receipt: dict[str, Any] = {"id": f"id-{entry['key'][:8]}", "worker_id": "w", "version": 1, "key": entry["key"]}
        if entry["fields"].get("ho_ten") in self.doubted:
            return {**receipt, "state": "quarantined", "version": None, "findings": [FINDING], "again": again}
        return {**receipt, "state": "accepted", "findings": []}


FINDING = {
    "rule": "DUNG-002",
    "severity": "refuse",
    "fields": ["so_dinh_danh"],
    "message": "Chỉ có 11 chữ số.",
    "remedy": "Ghi lại đủ 12 số.",
}


def problem(status: int, code: str, fields: tuple[str, ...] = ()) -> httpx.Response:
    body: dict[str, Any] = {
        "title": "Không được",
        "status": status,
        "code": code,
        "detail": "Làm khác đi.",
        "id": "p-1",
    }
    body["fields"] = list(fields)
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})
