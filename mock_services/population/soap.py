"""Envelopes: opening requests against the XSD, writing answers, faults."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final, cast

from lxml import etree

from mock_services.calls import XML, Answer
from mock_services.specifications import xml_schema

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
BCA: Final = "http://dancuquocgia.bca"
DC: Final = "http://www.mic.gov.vn/dancu/1.0"
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'
)


class Unreadable(Exception):
    """The message breaks the schema; the text names the element and the rule."""


def open_request(body: bytes) -> etree._Element:
    """The operation's element. Raises Unreadable."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("not well-formed XML") from error
    if b"<!DOCTYPE" in body:
        raise Unreadable("a document type is not accepted")
    found = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or found is None or len(found) != 1:
        raise Unreadable("soapenv:Envelope/soapenv:Body with one operation is expected")
    check(found[0])
    return found[0]


def check(element: etree._Element) -> None:
    """Raises Unreadable with the first fault, without values."""
    schema = xml_schema("population", "nguoilaodong.xsd")
    if not schema.validate(element):
        fault = cast("Any", schema.error_log)[0]
        raise Unreadable(f"line {fault.line}: {fault.type_name} at {fault.path}")


def local(element: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(element).localname


def text_of(element: etree._Element, name: str) -> str | None:
    """The text of a child in the request namespace; None when there is none."""
    return element.findtext(f"{{{BCA}}}{name}")


def xml_of(values: Mapping[str, Any], prefix: str = "") -> str:
    """Elements for a mapping, in its order; mappings nest, booleans are lower case, a list repeats `MaDoiTuong`."""
    parts = []
    for name, value in values.items():
        if isinstance(value, dict):
            inner = xml_of(value, prefix)
        elif isinstance(value, bool):
            inner = "true" if value else "false"
        elif isinstance(value, list):
            inner = "".join(f"<{prefix}MaDoiTuong>{escape(one, quote=False)}</{prefix}MaDoiTuong>" for one in value)
        else:
            inner = escape(str(value), quote=False)
        parts.append(f"<{prefix}{name}>{inner}</{prefix}{name}>")
    return "".join(parts)


def respond(operation: str, inner: str, outcome: str = "done") -> Answer:
    """The operation's response, held against the XSD: a simulation that breaks its own contract proves nothing."""
    response = f'<{operation}Response xmlns="{BCA}" xmlns:dc="{DC}">{inner}</{operation}Response>'
    check(etree.fromstring(response))
    return Answer(200, XML, (_ENVELOPE % response).encode("utf-8"), outcome)


def refuse(operation: str, code: str, message: str) -> Answer:
    """An error inside an answer with HTTP 200."""
    inner = f"<errorCode>{code}</errorCode><errorMessage>{escape(message, quote=False)}</errorMessage>"
    return respond(operation, inner, code)


def fault(code: str, message: str) -> Answer:
    """A SOAP Fault, HTTP 500; `code` is Client or Server."""
    inner = (
        f"<soapenv:Fault><faultcode>soapenv:{code}</faultcode>"
        f"<faultstring>{escape(message, quote=False)}</faultstring></soapenv:Fault>"
    )
    return Answer(500, XML, (_ENVELOPE % inner).encode("utf-8"), f"fault-{code}")


def gateway_fault(status: int, code: int, message: str, headers: tuple[tuple[str, str], ...]) -> Answer:
    """A fault of the platform, as it writes it for SOAP paths."""
    body = (
        '<ams:fault xmlns:ams="http://wso2.org/apimanager/security">'
        f"<ams:code>{code}</ams:code><ams:message>{escape(message, quote=False)}</ams:message>"
        f"<ams:description>{escape(message, quote=False)}</ams:description></ams:fault>"
    )
    return Answer(status, XML, body.encode("utf-8"), str(code), headers)
