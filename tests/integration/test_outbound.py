"""Calls over real sockets: certificates are checked, ours is shown, and a name that leads inside leads nowhere."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.lgsp.client import PlatformClient
from adapters.lgsp.outbound import Outbound
from adapters.lgsp.settings import CallLimits, PlatformSettings
from adapters.lgsp.token import TokenSource
from contracts.adapter_port import TryLater
from gateway.settings import Settings, TargetSettings
from gateway.wiring.systems import build_systems, outbound, token_source
from tests.tls_world import Papers, papers

NAME = "lgsp.example.vn"
SECRETS = {
    "LGSP_PLATFORM__ACCESS_KEY": "key",
    "LGSP_PLATFORM__SECRET_KEY": "secret",
    "LGSP_VERIFICATION__OFFICER_NUMBER": "012190000001",
    "LGSP_VERIFICATION__OFFICER_KEY_NAME": "officer",
    "LGSP_VERIFICATION__OFFICER_KEY_PASS": "pass",
}


@dataclass
class Service:
    """A platform and a system in one: gives tokens and answers `{}`; notes who came."""

    port: int = 0
    peers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        certificate: Any = writer.get_extra_info("peercert")
        self.peers.append(certificate["subject"][0][0][1] if certificate else "")
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")), 0
            )
            await reader.readexactly(length)
            self.asked.append(head.decode().split()[1])
            body = b'{"access_token": "token", "expires_in": 3600}' if self.asked[-1] == "/token" else b"{}"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("tls"))


async def _serving(context: ssl.SSLContext | None, host: str = "127.0.0.1") -> tuple[Service, asyncio.Server]:
    service = Service()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await service.serve(reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=context)
    service.port = server.sockets[0].getsockname()[1]
    return service, server


@pytest.fixture
async def secured(authorities: Papers) -> AsyncIterator[Service]:
    """Wants a client's certificate of our authority, and has one itself, for 127.0.0.1 only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authorities.trusted)
    context.load_cert_chain(*authorities.server("service", "127.0.0.1"))
    context.verify_mode = ssl.CERT_OPTIONAL
    service, server = await _serving(context)
    yield service
    server.close()


async def _call(base_url: str, rules: Outbound) -> bytes:
    source = TokenSource(PlatformSettings(base_url, "key", "secret", outbound=rules))
    client = PlatformClient(base_url, source, CallLimits(total_timeout_s=20, outbound=rules))
    try:
        return await client.get("/x", {})
    finally:
        await client.close()
        await source.close()


async def test_requirement_29_a_call_shows_our_certificate_to_a_service_that_is_believed(
    secured: Service, authorities: Papers
) -> None:
    certificate, key = authorities.client("lgsp")
    rules = Outbound(ca_file=authorities.trusted, certificate_file=certificate, key_file=key)
    assert await _call(f"https://127.0.0.1:{secured.port}", rules) == b"{}"
    assert set(secured.peers) == {"lgsp"}


@pytest.mark.parametrize("authority", [None, "others.pem"])
async def test_requirement_29_a_certificate_of_an_unknown_authority_is_not_believed(
    secured: Service, authorities: Papers, authority: str | None
) -> None:
    rules = Outbound(ca_file=authorities.folder / authority if authority else None)
    with pytest.raises(TryLater, match="certificate"):
        await _call(f"https://127.0.0.1:{secured.port}", rules)
    assert secured.asked == []


async def test_requirement_29_a_certificate_for_another_name_is_not_believed(
    secured: Service, authorities: Papers
) -> None:
    with pytest.raises(TryLater, match="certificate"):
        await _call(f"https://localhost:{secured.port}", Outbound(ca_file=authorities.trusted))
    assert secured.asked == []


async def test_requirement_29_a_name_that_leads_to_this_machine_is_not_called_outside_development(
    secured: Service, authorities: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leads_to(monkeypatch, ["127.0.0.1"])
    with pytest.raises(TryLater, match="address-refused"):
        await _call(f"https://{NAME}:{secured.port}", Outbound(development=False, ca_file=authorities.trusted))
    assert (secured.peers, secured.asked) == ([], [])


async def test_requirement_29_a_name_that_changes_its_meaning_between_check_and_call_gains_nothing(
    secured: Service, authorities: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is looked at, inside a moment later."""
    called: list[Any] = []
    asked = _leads_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])

    async def connect(_: socket.socket, address: Any) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
    with pytest.raises(TryLater, match="connect"):
        await _call(f"https://{NAME}:{secured.port}", Outbound(development=False, ca_file=authorities.trusted))
    assert called == [("8.8.8.8", secured.port)]
    assert (len(asked), secured.peers) == (1, [])


def _leads_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name's addresses, answer by answer; gives back what was asked."""
    left, asked = list(answers), list[str]()

    def look_up(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def _settings(monkeypatch: pytest.MonkeyPatch, folder: Path, **more: str) -> Settings:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", str(folder / "none.toml"))
    for name, value in {**SECRETS, **more}.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "need https"),
        ({"LGSP_PLATFORM__BASE_URL": "https://10.1.2.3"}, "10.1.2.3 is private"),
        ({"LGSP_PLATFORM__BASE_URL": "https://a.vn", "LGSP_OUTBOUND__ORIGINS": "https://b.vn"}, "outbound.origins"),
        ({"LGSP_PLATFORM__BASE_URL": "https://a.vn", "LGSP_PLATFORM__CA_FILE": "none.pem"}, "none.pem"),
    ],
)
def test_requirement_29_outside_development_nothing_is_built_that_may_call_what_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, str], sentence: str
) -> None:
    settings = _settings(monkeypatch, tmp_path, LGSP_MODE="production", **more)
    with pytest.raises(ValueError, match=sentence):
        token_source(settings)


async def test_what_the_operator_sets_reaches_every_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authorities: Papers
) -> None:
    certificate, key = authorities.client("lgsp")
    own = {"CA_FILE": authorities.trusted, "CERTIFICATE_FILE": certificate, "KEY_FILE": key}
    systems = ("POPULATION", "SOCIAL_INSURANCE", "LABOUR_MARKET")
    addresses = {f"LGSP_TARGETS__{name}__BASE_URL": f"https://10.20.0.{place}" for place, name in enumerate(systems)}
    settings = _settings(
        monkeypatch,
        tmp_path,
        LGSP_MODE="production",
        LGSP_OUTBOUND__PRIVATE_NETWORKS="10.20.0.0/16, 10.30.0.0/16",
        LGSP_PLATFORM__BASE_URL="https://lgsp.example.vn",
        **addresses,
        **{f"LGSP_TARGETS__POPULATION__{name}": str(file) for name, file in own.items()},
    )
    token = token_source(settings)
    systems_built = build_systems(settings, token)
    rules = outbound(settings, settings.targets.population)
    assert (rules.development, len(rules.networks), rules.ca_file) == (False, 2, authorities.trusted)
    assert (rules.certificate_file, rules.key_file) == (certificate, key)
    for adapter in systems_built.values():
        await adapter.close()
    await token.close()


@pytest.mark.parametrize("network", ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/0", "::/0", "10.0.0.1/8", "inside"])
def test_requirement_29_a_network_that_is_none_of_other_systems_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, network: str
) -> None:
    with pytest.raises(ValueError, match=r"private_networks|outbound"):
        _settings(monkeypatch, tmp_path, LGSP_OUTBOUND__PRIVATE_NETWORKS=network)


def test_a_certificate_without_its_key_stops_the_start() -> None:
    with pytest.raises(ValueError, match="belong together"):
        TargetSettings(base_url="https://a.vn", waits_for_identity=True, certificate_file=Path("a.crt"))
