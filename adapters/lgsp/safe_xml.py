"""XML from outside: no document type, no entities, no network; a message inside a message is opened as well."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Final

from lxml import etree

from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.wire import DEPTH_MAX, bare

_NESTED_MAX: Final = 2
"""How many escaped messages inside each other are opened; real services have one."""


def read_xml(body: bytes) -> etree._Element:
    """The root element. Raises TryLater for HTML, another encoding than declared, a document type, or depth."""
    text = bare(body)
    if text.startswith(b"&lt;"):
        text = html.unescape(text.decode("utf-8", "replace")).encode("utf-8", "replace")
    try:
        root = etree.fromstring(text, _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise not_an_answer("not XML in its declared encoding") from None
    document: etree._ElementTree = root.getroottree()
    dtd: etree.DTD | None = document.docinfo.internalDTD
    if dtd is not None:
        raise not_an_answer("a document type")
    _must_be_flat(root)
    return root


def _must_be_flat(root: etree._Element) -> None:
    level = [root]
    for _ in range(DEPTH_MAX):
        level = [inner for one in level for inner in one]
        if not level:
            return
    raise not_an_answer(f"deeper than {DEPTH_MAX}")


def _parser() -> etree.XMLParser:
    # One per message: a parser shared by threads would make them wait for each other.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def local(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of that local name."""
    return next((one for one in element if local(one) == name), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """All children of that local name."""
    return [one for one in element if local(one) == name]


def text_of(element: etree._Element, name: str) -> str | None:
    """The text of a child; None when there is no such child or nothing in it."""
    found = child(element, name)
    return (found.text or "").strip() or None if found is not None else None


def messages(root: etree._Element, nested: int = _NESTED_MAX) -> Iterator[etree._Element]:
    """Everything that may be the message: the root, what is in its Body, and messages that travel as escaped text."""
    yield root
    body = child(root, "Body")
    if body is None:
        return
    for message in body:
        yield message
        if nested:
            # Where such text is found in practice; looking at every leaf of a batch would cost more than reading it.
            for leaf in (message, *message):
                if len(leaf) == 0 and (leaf.text or "").lstrip().startswith("<"):
                    inner = read_xml((leaf.text or "").encode())
                    yield inner
                    yield from messages(inner, nested - 1)


def value_at(candidates: list[etree._Element], path: str) -> str | None:
    """The text at `Message/member` (local names) in any of the messages."""
    steps = path.split("/")
    for message in candidates:
        if local(message) != steps[0]:
            continue
        found: etree._Element | None = message
        for step in steps[1:]:
            found = child(found, step) if found is not None else None
        if found is not None:
            # A faultcode is a qualified name; its prefix is the sender's own affair.
            return (found.text or "").strip().rpartition(":")[2] or None
    return None
