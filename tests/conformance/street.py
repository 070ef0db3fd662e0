"""The simulated systems as a process of their own, spoken to over real HTTP."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import orjson

from adapters.labour_market.adapter import LabourMarketAdapter
from adapters.labour_market.settings import LabourMarketSettings
from adapters.lgsp.settings import CallLimits, PlatformSettings
from adapters.lgsp.token import TokenSource
from adapters.population.adapter import PopulationAdapter
from adapters.population.settings import PopulationSettings
from adapters.social_insurance.adapter import SocialInsuranceAdapter
from adapters.social_insurance.settings import SocialInsuranceSettings
from contracts.adapter_port import SystemAdapter
from contracts.forms import to_groups
from contracts.worker import WorkerRecord

PEOPLE = 400
_STARTS_WITHIN_S = 60.0
_LIMITS = CallLimits(connect_timeout_s=2, silence_timeout_s=5, total_timeout_s=5)
SHORT = CallLimits(connect_timeout_s=2, silence_timeout_s=0.5, total_timeout_s=0.5)


@dataclass(frozen=True, slots=True)
class Street:
    """Where the systems are, and with which keys they are spoken to."""

    ready: dict[str, Any]
    records: tuple[WorkerRecord, ...]
    client: httpx.Client

    def tokens(self, secret: str | None = None) -> TokenSource:
        """A token source of the platform."""
        keys = self.ready["credentials"]
        return TokenSource(
            PlatformSettings(
                self.ready["platform"],
                keys["AccessKey"],
                secret or keys["SecretKey"],
                keys["AppName"],
                keys["PartnerCode"],
                keys["PartnerCodeCus"],
            )
        )

    def population(
        self, tokens: TokenSource, limits: CallLimits = _LIMITS, procedure: str | None = None
    ) -> PopulationAdapter:
        """The adapter of the population database, in an officer's name."""
        keys = self.ready["credentials"]
        officer = keys["officer"]
        settings = PopulationSettings(
            self.ready["population"],
            officer["MaCanBo"],
            officer["keyName"],
            officer["keyPass"],
            keys["MaDVC"] if procedure is None else procedure,
            limits=limits,
        )
        return PopulationAdapter(settings, tokens)

    def social_insurance(self, tokens: TokenSource, limits: CallLimits = _LIMITS) -> SocialInsuranceAdapter:
        """The adapter of social insurance."""
        return SocialInsuranceAdapter(SocialInsuranceSettings(self.ready["social_insurance"], limits=limits), tokens)

    def labour_market(self, tokens: TokenSource, limits: CallLimits = _LIMITS) -> LabourMarketAdapter:
        """The adapter of labour supply and demand."""
        return LabourMarketAdapter(LabourMarketSettings(self.ready["labour_market"], limits=limits), tokens)

    def adapter(self, system: str, tokens: TokenSource, limits: CallLimits = _LIMITS) -> SystemAdapter:
        """By name."""
        return cast(SystemAdapter, getattr(self, system)(tokens, limits))

    def mock(self, system: str, path: str, body: object = None) -> Any:
        """A page of the simulation itself: GET, or POST with a body."""
        address = f"{self.ready[system]}/_mock/{path}"
        client = self.client
        answer = client.get(address) if body is None else client.post(address, content=orjson.dumps(body))
        answer.raise_for_status()
        return answer.json()


@contextmanager
def served(folder: Path) -> Iterator[Street]:
    """Serve until the block ends."""
    ready, entries = folder / "ready.json", folder / "entries.jsonl"
    world = ["--people", str(PEOPLE), "--seed", "7"]
    program = [sys.executable, "-m", "mock_services"]
    generating = [*program, "generate", *world, "--form", "tt11_mau03", "--out", str(entries)]
    subprocess.run(generating, check=True, stdout=subprocess.DEVNULL)
    serving = subprocess.Popen(
        [*program, "serve", *world, "--ports", "0,0,0,0", "--ready-file", str(ready)], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(ready, serving)
        with httpx.Client(trust_env=False) as client:
            yield Street(orjson.loads(ready.read_bytes()), _records(entries), client)
    finally:
        serving.terminate()
        serving.wait(timeout=10)


def _wait_for(ready: Path, serving: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + _STARTS_WITHIN_S
    while not ready.exists():
        if serving.poll() is not None or time.monotonic() > until_s:
            raise RuntimeError("the simulated systems did not start")
        time.sleep(0.05)


def _records(entries: Path) -> tuple[WorkerRecord, ...]:
    found = []
    for line in entries.read_bytes().splitlines():
        entry = orjson.loads(line)
        groups = to_groups(entry["form"], entry["fields"], entry["declared_on"])
        if groups["basic"].get("personal_number"):
            found.append(WorkerRecord(entry["key"], 1, groups, {}))
    return tuple(found)
