"""Envelopes: writing requests, opening answers. Element order matters to this system, and mappings keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from adapters.lgsp.envelope import Fault, fault_in
from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.safe_xml import local, messages, read_xml, value_at
from adapters.population.mapping import ORDER, TRUTHS
from contracts.canonical import Json, JsonObject

CONTENT_TYPE: Final = "text/xml; charset=utf-8"
SYSTEM: Final = "population"
SENDERS_FAULT: Final = "Client"
"""SOAP 1.1 4.4.1: the message itself is unfit; every other fault with HTTP 500 is the system's own."""
_NAMESPACE: Final = "http://dancuquocgia.bca"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
)
_TAIL: Final = "</soapenv:Body></soapenv:Envelope>"
_LIST_ITEM: Final = "MaDoiTuong"
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def request(operation: str, members: Iterable[tuple[str, Json]]) -> bytes:
    """An operation with its members, in order; the same name may come many times. None is left out."""
    parts = [_HEAD, f'<{operation} xmlns="{_NAMESPACE}">']
    for name, value in members:
        _write(parts, name, value)
    parts += (f"</{operation}>", _TAIL)
    return "".join(parts).encode()


def in_order(view: Mapping[str, Json]) -> JsonObject:
    """A view with its members in the order of the schema: one that was stored may have lost it."""
    return {name: _addressed(view[name]) for name in ORDER if name in view}


_ADDRESS: Final = ("NgayThangNam", "Nam", "MaTinhThanh", "MaPhuongXa", "ChiTiet")


def _addressed(value: Json) -> Json:
    return {name: value[name] for name in _ADDRESS if name in value} if isinstance(value, dict) else value


def _write(parts: list[str], name: str, value: Json) -> None:
    if value is None:
        return
    if isinstance(value, str):
        parts.append(f"<{name}>{value.translate(_ESCAPES)}</{name}>")
        return
    if isinstance(value, bool):
        parts.append(f"<{name}>{'true' if value else 'false'}</{name}>")
        return
    parts.append(f"<{name}>")
    if isinstance(value, dict):
        for member, inner in value.items():
            _write(parts, member, inner)
    elif isinstance(value, list):
        for inner in value:
            _write(parts, _LIST_ITEM, inner)
    else:
        parts.append(str(value))
    parts.append(f"</{name}>")


def open_answer(operation: str, body: bytes) -> etree._Element | Fault:
    """The response element of an operation, or the fault that is told instead. Raises TryLater when it is neither."""
    found = list(messages(read_xml(body)))
    fault = fault_in(SYSTEM, operation, "xml", lambda path: value_at(found, path))
    if fault is not None:
        return fault
    response = next((message for message in found if local(message) == f"{operation}Response"), None)
    if response is None:
        raise not_an_answer("no response in the envelope")
    return response


def as_json(element: etree._Element) -> JsonObject:
    """Worker data or a citizen in the shape of the feed's JSON: the same names, text, true booleans, lists of codes."""
    said: JsonObject = {}
    for part in element:
        name, text = local(part), part.text or ""
        if len(part) and local(part[0]) == _LIST_ITEM:
            said[name] = [one.text or "" for one in part]
        elif len(part):
            said[name] = as_json(part)
        elif name in TRUTHS:
            said[name] = text.strip() in {"true", "1"}
        elif text.strip():
            said[name] = text
    return said
