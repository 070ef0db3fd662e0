"""The HTTP side of a simulated system: reads a call whole, meets faults, checks the token, keeps the journal.

Plain ASGI instead of a framework, because the targets' own speed must not be what a measurement of ours finds.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from mock_services.calls import JSON, Answer, Call, SimulatedSystem, Work
from mock_services.faults import Fault, FaultBook
from mock_services.journal import Journal
from mock_services.tokens import TokenOffice

BODY_BYTES_MAX = 20_000_000
_HTML = "<!DOCTYPE html><html><head><title>Thông báo</title></head><body><h1>Cổng đang bận</h1></body></html>"


class Gate:
    """ASGI application of one system; `pages` answers below `/_mock`."""

    def __init__(
        self, system: SimulatedSystem, office: TokenOffice, faults: FaultBook, journal: Journal, latency_s: float
    ) -> None:
        self.system = system
        self.office = office
        self.faults = faults
        self.journal = journal
        self.latency_s = latency_s
        self.pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self.pages is not None and scope["path"].startswith("/_mock"):
            await self.pages(scope, receive, send)
            return
        started = time.perf_counter()
        call = await _read(scope, receive)
        if call is None:
            await _send(send, Answer(413, JSON, b'{"message":"too large"}'))
            return
        work = self.system.understand(call)
        fault = self.faults.draw(work.operation, work.people)
        answer = await self._answer(call, work, fault)
        took_ms = (time.perf_counter() - started) * 1000
        kind = None if fault is None else fault.kind
        status = 0 if answer is None else answer.status
        outcome = "cut" if answer is None else answer.outcome
        trace = call.headers.get("traceparent")
        self.journal.note(work.operation, work.people, outcome, status, kind, took_ms, trace)
        if answer is None:
            _cut(receive)
        else:
            await _send(send, answer)

    async def _answer(self, call: Call, work: Work, fault: Fault | None) -> Answer | None:
        """None: the connection is to be cut."""
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "cut":
            return None
        instead = None if fault is None else self._instead(call, fault)
        if instead is not None:
            return instead
        if self.system.needs_token(call):
            refusal = self.office.refusal(call.headers)
            if refusal is not None:
                status, code, message = refusal
                return self.system.gateway_fault(call, status, code, message, None).told(str(code))
        return self._run(work, fault)

    def _instead(self, call: Call, fault: Fault) -> Answer | None:
        """An answer in place of the system's own, before any effect."""
        match fault.kind:
            case "error_500":
                return self.system.gateway_fault(call, 500, 101500, "Internal error", None).told("error_500")
            case "quota_429":
                message = "Message throttled out"
                return self.system.gateway_fault(call, 429, 900802, message, fault.retry_after_s).told("quota_429")
            case "maintenance":
                closed = self.system.closed().told("maintenance")
                return Answer(closed.status, closed.content_type, closed.body, closed.outcome, _after(fault))
            case "html":
                return Answer(200, "text/html; charset=utf-8", _HTML.encode(), "html")
            case _:
                return None

    def _run(self, work: Work, fault: Fault | None) -> Answer | None:
        kind = None if fault is None else fault.kind
        item_faults = partial(self.faults.draw_item, work.operation)
        answer = work.run(item_faults)
        if kind == "twice":
            answer = work.run(item_faults)
        if kind == "lost_answer":
            return None
        if kind == "garbage":
            half = answer.body[: len(answer.body) // 2]
            return Answer(200, answer.content_type, half + b"\x00\xff\xfe<<<", "garbage")
        if kind == "wrong_encoding":
            return Answer(answer.status, answer.content_type, _reencoded(answer.body), "wrong_encoding")
        return answer


def _after(fault: Fault) -> tuple[tuple[str, str], ...]:
    return (("retry-after", str(fault.retry_after_s)),)


def _reencoded(body: bytes) -> bytes:
    """UTF-16 where CP1258 would show no difference."""
    text = body.decode("utf-8")
    return text.encode("utf-16") if text.isascii() else text.encode("cp1258", "replace")


async def _read(scope: Scope, receive: Receive) -> Call | None:
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        length += len(chunks[-1])
        if length > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            break
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
    )


async def _send(send: Send, answer: Answer) -> None:
    headers = [("content-type", answer.content_type), ("content-length", str(len(answer.body))), *answer.headers]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})


def _cut(receive: Receive) -> None:
    """Close the connection without an answer. uvicorn hands out `receive` as a method of the request's own cycle."""
    transport: asyncio.Transport = receive.__self__.transport  # type: ignore[attr-defined]  # a bound method, as said
    transport.abort()
