"""The four applications, put together and served, each on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

from mock_services.calls import SimulatedSystem
from mock_services.faults import FaultBook
from mock_services.gate import Gate
from mock_services.journal import Journal
from mock_services.labour_market.system import LabourMarket
from mock_services.pages import Pages
from mock_services.people.world import World
from mock_services.platform.system import Platform
from mock_services.population.system import Population
from mock_services.social_insurance.system import SocialInsurance
from mock_services.tokens import TokenOffice, credentials

NAMES: Final = ("platform", "population", "social_insurance", "labour_market")
_CONNECTIONS_WAITING_MAX: Final = 256


class PortTaken(Exception):
    """Somebody else listens on a port that we were told to use."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"{host}:{port}: {why}")
        self.host = host
        self.port = port


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """What is served, and where. A port of 0 is any free one; ports are in the order of `NAMES`."""

    people: int = 2_000
    seed: int = 7
    host: str = "127.0.0.1"
    ports: tuple[int, int, int, int] = (9701, 9702, 9703, 9704)
    latency_s: float = 0.0
    token_expires_in_s: int = 3600


def build(plan: StreetPlan) -> dict[str, Gate]:
    """The four applications with states of their own; only the tokens are shared."""
    office = TokenOffice(plan.token_expires_in_s)
    systems: list[SimulatedSystem] = [
        Platform(office),
        Population(World(plan.people, plan.seed)),
        SocialInsurance(World(plan.people, plan.seed)),
        LabourMarket(World(plan.people, plan.seed)),
    ]
    gates = {}
    for system in systems:
        faults, journal = FaultBook(plan.seed), Journal()
        latency_s = 0.0 if system.name == "platform" else plan.latency_s
        gate = Gate(system, office, faults, journal, latency_s)
        gate.pages = Pages(system, faults, journal).application()
        gates[system.name] = gate
    return gates


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's business: four servers in one process would fight for them."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named, or asyncio does not know it for TCP, and lets answers wait for acknowledgements (40 ms).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(host, port, os.strerror(error.errno or 0)) from error
    listening.listen(_CONNECTIONS_WAITING_MAX)
    return listening


def _listen_all(plan: StreetPlan) -> dict[str, socket.socket]:
    sockets: dict[str, socket.socket] = {}
    try:
        for name, port in zip(NAMES, plan.ports, strict=True):
            sockets[name] = _listen(plan.host, port)
    except PortTaken:
        for listening in sockets.values():
            listening.close()
        raise
    return sockets


@asynccontextmanager
async def served(plan: StreetPlan) -> AsyncIterator[dict[str, Any]]:
    """Serve until the block ends; gives what the ready file holds: url per system, credentials, people, seed.

    Raises PortTaken before anything is served.
    """
    sockets = _listen_all(plan)
    servers = {
        name: _Server(
            uvicorn.Config(
                gate,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                proxy_headers=False,  # it would stand between the gate and the connection that it may have to cut
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        for name, gate in build(plan).items()
    }
    tasks = [asyncio.create_task(server.serve(sockets=[sockets[name]])) for name, server in servers.items()]
    try:
        while not all(server.started for server in servers.values()):  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield {
            **{name: f"http://{plan.host}:{sockets[name].getsockname()[1]}" for name in NAMES},
            "people": plan.people,
            "seed": plan.seed,
            "pid": os.getpid(),
            "credentials": credentials(),
        }
    finally:
        for server in servers.values():
            server.should_exit = True
        await asyncio.gather(*tasks)
