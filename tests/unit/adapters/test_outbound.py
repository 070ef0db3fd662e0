"""Where calls may go, and what comes back from there (requirements 29 and 30)."""

from __future__ import annotations

import gzip
import ipaddress
import socket

import httpx
import pytest

from adapters.lgsp.client import PlatformClient
from adapters.lgsp.feeds import read_page
from adapters.lgsp.outbound import AddressRefused, Outbound
from adapters.lgsp.safe_xml import read_xml
from adapters.lgsp.settings import CallLimits
from adapters.lgsp.transport import _checked_socket, _CheckedNames
from adapters.lgsp.wire import DEPTH_MAX, read_json
from contracts.adapter_port import TryLater
from tests.unit.adapters.platform import LIMITS, SYSTEM, saying, tokens

WORK = Outbound(development=False)
BETWEEN_AGENCIES = Outbound(development=False, networks=(ipaddress.ip_network("10.20.0.0/16"),))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "fec0::1",
        "169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200",
        "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_requirement_29_private_addresses_are_refused_outside_development(address: str) -> None:
    assert WORK.refusal(address) is not None
    with pytest.raises(AddressRefused):
        _checked_socket(WORK)((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises((ValueError, httpx.InvalidURL)):
        WORK.origin_for(f"https://{host}")


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "not-an-address.vn"])
def test_public_addresses_and_names_may_be_called(address: str) -> None:
    assert WORK.refusal(address) is None


def test_a_network_that_the_operator_named_may_be_called_and_no_other() -> None:
    assert BETWEEN_AGENCIES.refusal("10.20.3.4") is None
    assert BETWEEN_AGENCIES.refusal("10.21.3.4") is not None


@pytest.mark.parametrize("address", ["169.254.169.254", "127.0.0.1", "fd00:ec2::254", "100.100.100.200"])
def test_requirement_29_no_named_network_opens_the_way_to_a_machines_own_credentials(address: str) -> None:
    everything = Outbound(development=False, networks=tuple(map(ipaddress.ip_network, ("0.0.0.0/0", "::/0"))))
    assert everything.refusal(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://lgsp.example.vn",
        "ftp://lgsp.example.vn",
        "https://user@lgsp.example.vn",
        "https://lgsp.example.vn?x=1",
        "lgsp.example.vn",
        "",
    ],
)
def test_requirement_29_only_an_https_service_is_called_outside_development(address: str) -> None:
    with pytest.raises(ValueError, match=r"https|not the address"):
        WORK.origin_for(address)


def test_requirement_29_an_origin_that_is_not_listed_is_refused_at_the_start() -> None:
    listed = Outbound(origins=frozenset({"https://lgsp.example.vn:443"}))
    assert listed.origin_for("https://LGSP.example.vn/x") == "https://lgsp.example.vn:443"
    for other in ("https://lgsp.example.vn:8443", "http://lgsp.example.vn:443", "https://lgsp.example.vn.evil.test"):
        with pytest.raises(ValueError, match="not among"):
            listed.origin_for(other)


@pytest.mark.parametrize(
    "path", ["http://elsewhere.invalid/x", "https://system.invalid/x", "http://system.invalid:81/"]
)
async def test_requirement_29_a_call_never_leaves_its_own_origin(path: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"{}")

    source = tokens()
    client = PlatformClient(SYSTEM, source, LIMITS, httpx.MockTransport(answer))
    with pytest.raises(TryLater, match="address-refused"):
        await client.get(path, {})
    assert asked == []
    await client.close()
    await source.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_requirement_29_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    moved = httpx.Response(status, headers={"location": f"{SYSTEM}/elsewhere"})
    source = tokens()
    client = PlatformClient(SYSTEM, source, LIMITS, saying(moved, httpx.Response(200, content=b"{}")))
    with pytest.raises(TryLater, match="redirect"):
        await client.get("/x", {})
    await client.close()
    await source.close()


async def test_what_one_answer_sets_as_a_cookie_does_not_go_with_the_next_call() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"set-cookie": "person=1"}, content=b"{}")

    source = tokens()
    client = PlatformClient(SYSTEM, source, LIMITS, httpx.MockTransport(answer))
    await client.get("/x", {})
    await client.get("/x", {})
    assert "cookie" not in seen[1].headers
    await client.close()
    await source.close()


@pytest.mark.parametrize("hosts", [("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("8.8.8.8", "::ffff:169.254.169.254")])
async def test_requirement_29_a_name_is_refused_if_any_of_its_addresses_is_private(
    hosts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    await _look_up(hosts, monkeypatch, refused=True)


async def test_a_name_of_public_addresses_leads_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    await _look_up(("8.8.8.8", "8.8.4.4"), monkeypatch, refused=False)


async def _look_up(hosts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, *, refused: bool) -> None:
    found = [
        (socket.AF_INET6, 1, 6, "", (one, 443, 0, 0)) if ":" in one else (socket.AF_INET, 1, 6, "", (one, 443))
        for one in hosts
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    names = _CheckedNames(WORK)
    if refused:
        with pytest.raises(AddressRefused):
            await names.resolve("lgsp.example.vn", 443)
    else:
        assert [one["host"] for one in await names.resolve("lgsp.example.vn", 443)] == list(hosts)
    await names.close()


def _nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_requirement_30_a_deep_json_answer_is_no_answer() -> None:
    assert read_json(_nested(DEPTH_MAX))
    for depth in (DEPTH_MAX + 1, 900, 100_000):
        with pytest.raises(TryLater, match="not-an-answer"):
            read_json(_nested(depth))
    with pytest.raises(TryLater, match="not-an-answer"):
        read_json(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}")


def test_requirement_30_a_deep_xml_answer_is_no_answer() -> None:
    assert read_xml(b"<a>" * DEPTH_MAX + b"</a>" * DEPTH_MAX) is not None
    for depth in (DEPTH_MAX + 1, 200, 50_000):
        with pytest.raises(TryLater, match="not-an-answer"):
            read_xml(b"<a>" * depth + b"</a>" * depth)


_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://elsewhere.invalid/x.dtd"><a/>',
        f'<!DOCTYPE a [<!ENTITY e0 "x">{_BOMB}]><a>&e11;</a>'.encode(),
        b'&lt;!DOCTYPE a [&lt;!ENTITY x "y">]>&lt;a>&amp;x;&lt;/a>',
    ],
)
def test_requirement_30_a_document_type_is_no_answer(body: bytes) -> None:
    with pytest.raises(TryLater, match="not-an-answer"):
        read_xml(body)


def test_requirement_30_a_page_of_too_many_rows_is_no_answer() -> None:
    with pytest.raises(TryLater, match="not-an-answer"):
        read_page([{"id": "1"}] * 1_001, "id", "0", False, lambda *_: pytest.fail("nothing is read"))


async def test_requirement_30_a_compressed_answer_is_not_opened() -> None:
    """Not asked for, so a small answer cannot become a large one here: what is counted is what there is."""
    bomb = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(b""))
    source = tokens()
    client = PlatformClient(SYSTEM, source, CallLimits(answer_bytes_max=10_000), saying(bomb))
    with pytest.raises(TryLater, match="not-an-answer"):
        await client.get("/x", {})
    await client.close()
    await source.close()
