"""TLS and passwords: who knows both gets in, whoever lacks one is told, and nothing is sent in clear."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contracts.topics import Topic
from gateway.stream.kafka import KafkaSettings, KafkaStream
from gateway.stream.port import Published, PublishFailed, StreamRecord
from ops.local.kafka import LocalKafka
from ops.local.ports import free_port
from tests.kafka_world import make, own_topic

PASSWORD = "mat-khau-thu-nghiem"  # of this test's broker only


@dataclass(frozen=True)
class Secured:
    """A broker with a second door, its settings for who may enter, and a topic."""

    settings: KafkaSettings
    topic: Topic


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 and its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "authority.pem").write_bytes(made.public_bytes(pem))
    (folder / "broker.pem").write_bytes(private + made.public_bytes(pem))
    return folder


@pytest.fixture(scope="module")
def doors(certificate: Path) -> Iterator[tuple[str, str]]:
    """Addresses of the door without and of the door with TLS and password."""
    open_port, closed_port, controller = free_port(), free_port(), free_port()
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    settings = {
        "listeners": f"PLAINTEXT://127.0.0.1:{open_port},SASL_SSL://127.0.0.1:{closed_port},"
        f"CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{open_port},SASL_SSL://127.0.0.1:{closed_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{login} user_lgsp="{PASSWORD}";',
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificate / "broker.pem"),
    }
    with LocalKafka(port=open_port, settings=settings):
        yield f"127.0.0.1:{open_port}", f"127.0.0.1:{closed_port}"


@pytest.fixture
async def secured(doors: tuple[str, str], certificate: Path) -> Secured:
    topic = own_topic()
    await make(doors[0], [topic])
    settings = KafkaSettings(
        doors[1],
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        username="lgsp",
        password=PASSWORD,
        ca_file=certificate / "authority.pem",
        request_timeout_s=4,
    )
    return Secured(settings, topic)


async def test_who_knows_the_password_publishes_and_reads_over_tls(secured: Secured) -> None:
    stream = KafkaStream(secured.settings, [secured.topic])
    (outcome,) = await stream.publish([StreamRecord(secured.topic.name, "key", b"1")])
    assert isinstance(outcome, Published)
    (received,) = await stream.consumer("reader", [secured.topic.name]).poll(1, 20_000)
    assert received.body == b"1"
    await stream.close()


@pytest.mark.parametrize("lacking", [{"password": "another"}, {"ca_file": None}])
async def test_who_lacks_password_or_authority_stays_outside(secured: Secured, lacking: dict[str, Any]) -> None:
    stream = KafkaStream(replace(secured.settings, **lacking), [secured.topic])
    assert await stream.publish([StreamRecord(secured.topic.name, "key", b"1")]) == [PublishFailed("unavailable")]
    assert not await stream.ready()
    await stream.close()
