"""Every part of the gateway with its own certificate, and no more rights than the table gives it (requirement 41)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest

from gateway.cli import tls_files
from gateway.settings import DatabaseSettings, Settings
from gateway.store.migrations import upgrade
from gateway.stream.kafka import KafkaSettings, acls, topics
from gateway.stream.kafka.rights import principals, wanted
from gateway.wiring.database import database_url
from mock_services.people.world import World
from ops.local.kafka import LocalKafka
from ops.local.ports import free_port
from ops.local.postgres import LocalPostgres
from ops.local.postgres_tls import programs_with_tls
from ops.local.unprivileged import account_for_servers, temporary_directory
from tests.journeys.people import People, employed, entry_of
from tests.journeys.programs import Program
from tests.journeys.town import GATEWAY, Town
from tests.tls_world import broker_settings, postgres_settings

PEOPLE: Final = 300
SEED: Final = 17
PARTS: Final = ("relay", "propagate", "capture", "watch")
HBA: Final = "local all all trust\nhostssl all lgsp 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n"


@pytest.fixture
def tls() -> Iterator[Path]:
    """What `lgsp secrets tls` makes, where the servers' account can read its share."""
    account = account_for_servers()
    folder = temporary_directory("lgsp-tls-", account)
    tls_files.make(folder, ["127.0.0.1"], ["127.0.0.1"], 1, "en")
    (folder / "pg_hba.conf").write_text(HBA)
    for name in ("postgresql.crt", "postgresql.key", "ca.pem", "pg_hba.conf"):
        account.owns(folder / name)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def database(tls: Path) -> Iterator[str]:
    """A PostgreSQL that takes nobody without TLS and a certificate."""
    settings = postgres_settings(tls, tls / "ca.pem", tls / "pg_hba.conf")
    with LocalPostgres(tcp=True, programs=programs_with_tls(), settings=settings) as server:
        url = server.create_database("lgsp")
        own, key = tls / "lgsp.crt", tls / "lgsp.key"
        reached = DatabaseSettings(url=url, ca_file=tls / "ca.pem", certificate_file=own, key_file=key)
        upgrade(database_url(Settings(database=reached)))
        yield url


@pytest.fixture
def broker(tls: Path) -> Iterator[str]:
    """A Kafka with topic and rights, both made as the pages say: by administrator and by `lgsp-topics`."""
    port, controller = free_port(), free_port()
    settings = broker_settings(tls / "broker.pem", tls / "ca.pem", port, controller)
    with LocalKafka(port=port, settings=settings):
        address = f"127.0.0.1:{port}"
        asyncio.run(acls.apply(_shown(address, tls, "administrator"), wanted("lgsp."), principals()))
        asyncio.run(topics.apply(_shown(address, tls, "topics")))
        yield address


def _shown(address: str, tls: Path, role: str) -> KafkaSettings:
    return KafkaSettings(
        address,
        replication=1,
        security_protocol="SSL",
        ca_file=tls / "ca.pem",
        certificate_file=tls / f"lgsp-{role}.crt",
        key_file=tls / f"lgsp-{role}.key",
    )


def _environment(tls: Path, broker: str, role: str) -> dict[str, str]:
    """Of one part. Those that have no certificate for Kafka show none, and do not need one."""
    own = tls / f"lgsp-{role}.crt"
    files = {"LGSP_KAFKA__CERTIFICATE_FILE": str(own), "LGSP_KAFKA__KEY_FILE": str(own.with_suffix(".key"))}
    return {
        "LGSP_DATABASE__CA_FILE": str(tls / "ca.pem"),
        "LGSP_DATABASE__CERTIFICATE_FILE": str(tls / "lgsp.crt"),
        "LGSP_DATABASE__KEY_FILE": str(tls / "lgsp.key"),
        "LGSP_KAFKA__BOOTSTRAP_SERVERS": broker,
        "LGSP_KAFKA__SECURITY_PROTOCOL": "SSL",
        "LGSP_KAFKA__CA_FILE": str(tls / "ca.pem"),
        "LGSP_WATCH__GRACE_S": "2",
        **(files if own.exists() else {}),
    }


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def town(tmp_path: Path, tls: Path, database: str, broker: str) -> Iterator[Town]:
    """Every part is a process of its own, with its own papers."""
    settings = _environment(tls, broker, "api")
    with ExitStack() as until_the_end:
        made = Town(tmp_path, database, people=PEOPLE, seed=SEED, role="api", settings=settings)
        town = until_the_end.enter_context(made)
        for role in PARTS:
            url = f"http://127.0.0.1:{(port := free_port())}/readyz"
            own = {**town.environment(), **_environment(tls, broker, role), "LGSP_HTTP__PORT": str(port)}
            part = Program(role, (*GATEWAY, role), tmp_path, own)
            until_the_end.callback(part.end)
            part.start(partial(_is_ready, url))
        yield town


def test_requirement_41_an_entry_reaches_every_system_with_each_part_showing_its_own_certificate(town: Town) -> None:
    people = People(World(PEOPLE, SEED))
    worker_ids = [town.accept(entry_of(people.meet(employed)))["worker_id"] for _ in range(3)]
    for worker_id in worker_ids:
        town.until_settled(worker_id, within_s=90)
    positions = [one["position"] for one in town.everything("/v1/events")]
    assert len(positions) >= len(worker_ids)
    town.until(lambda: (town.get("/v1/watch")["position"] or 0) >= max(positions), "watched to the end", 60)
    watched = town.get("/v1/watch")
    assert (watched["watching"], watched["gaps"]) == (True, [])
