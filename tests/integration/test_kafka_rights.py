"""Mutual TLS and rights on a real broker (requirement 41): each role does its work, and nothing that is another's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contracts.topics import TOPICS, WORKER_CHANGED
from gateway.cli import acls as verb
from gateway.cli import topics as topics_verb
from gateway.cli.doctor import stream_checks
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.texts import say
from gateway.clock import system_clock
from gateway.propagation.wanted import group_of
from gateway.settings import Settings
from gateway.store.engine import Database
from gateway.stream.kafka import KafkaSettings, KafkaStream, acls, topics
from gateway.stream.kafka.rights import PRINCIPAL_FORM, ROLES, Right, principal_of, principals, rows, wanted
from gateway.stream.kafka.topics import TopicsRefused
from gateway.stream.port import Published, PublishFailed, StreamRecord, StreamUnavailable
from gateway.wiring.streams import build_stream
from gateway.wiring.systems import SYSTEMS
from ops.local.kafka import LocalKafka
from ops.local.ports import free_port
from tests.tls_world import Papers, broker_settings, papers

TOPIC = WORKER_CHANGED.name
PREFIX = "lgsp."
PROPAGATION = [group_of(name) for name in SYSTEMS]
RIGHTS = wanted(PREFIX)


@dataclass(frozen=True)
class Secured:
    """A broker with one door, TLS on both sides, and everybody's papers."""

    address: str
    papers: Papers

    def settings(self, role: str, *, stranger: bool = False) -> KafkaSettings:
        name = f"lgsp-{role}"
        certificate, key = self.papers.stranger(name) if stranger else self.papers.client(name)
        return KafkaSettings(
            self.address,
            group_prefix=PREFIX,
            replication=1,
            request_timeout_s=5,
            session_timeout_s=6,
            security_protocol="SSL",
            ca_file=self.papers.trusted,
            certificate_file=certificate,
            key_file=key,
        )


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    authorities = papers(tmp_path_factory.mktemp("tls"))
    issued = authorities.ours.issue("broker", ["127.0.0.1"], both=True)
    paper = authorities.folder / "broker.pem"
    paper.write_bytes(issued.key + issued.certificate)
    port, controller = free_port(), free_port()
    with LocalKafka(port=port, settings=broker_settings(paper, authorities.trusted, port, controller)):
        yield Secured(f"127.0.0.1:{port}", authorities)


@pytest.fixture
async def secured(broker: Secured) -> Secured:
    """With the topic and the rights of the table, whatever the test before left."""
    administrator = broker.settings("administrator")
    await topics.apply(administrator)
    await acls.apply(administrator, RIGHTS, principals())
    return broker


@pytest.fixture
async def stream_of(secured: Secured) -> AsyncIterator[Callable[[str], KafkaStream]]:
    async with AsyncExitStack() as until_the_end:

        def opened(role: str) -> KafkaStream:
            stream = KafkaStream(secured.settings(role))
            until_the_end.push_async_callback(stream.close)
            return stream

        yield opened


async def _publish(stream: KafkaStream) -> object:
    (outcome,) = await stream.publish([StreamRecord(TOPIC, "key", b"1")])
    return outcome


async def _reads(stream: KafkaStream, group: str) -> bool:
    consumer = stream.consumer(group, [TOPIC])
    received = await consumer.poll(100, 20_000)
    await consumer.commit(received)
    return bool(received)


async def test_requirement_41_the_relay_publishes(stream_of: Callable[[str], KafkaStream]) -> None:
    relay = stream_of("relay")
    assert isinstance(await _publish(relay), Published)
    assert await relay.ready()


@pytest.mark.parametrize(
    ("role", "group"),
    [
        *[("propagate", name) for name in PROPAGATION],
        ("propagate", "verification"),
        ("watch", "watch"),
        ("watch", "watch-once-0a1b"),
    ],
)
async def test_requirement_41_readers_read_with_their_own_groups(
    stream_of: Callable[[str], KafkaStream], role: str, group: str
) -> None:
    await _publish(stream_of("relay"))
    assert await _reads(stream_of(role), group)


@pytest.mark.parametrize("role", ["propagate", "watch", "api", "capture", "topics"])
async def test_requirement_41_nobody_but_the_relay_publishes(
    stream_of: Callable[[str], KafkaStream], role: str
) -> None:
    assert await _publish(stream_of(role)) == PublishFailed("unavailable")


@pytest.mark.parametrize(
    ("role", "group"),
    [
        ("relay", "propagation.population"),
        ("relay", "relay"),
        ("propagate", "watch"),
        ("propagate", "another"),
        ("watch", "propagation.population"),
        ("watch", "verification"),
        ("api", "watch"),
        ("capture", "watch"),
        ("topics", "watch"),
    ],
)
async def test_requirement_41_nobody_reads_with_a_group_that_is_not_theirs(
    stream_of: Callable[[str], KafkaStream], role: str, group: str
) -> None:
    await _publish(stream_of("relay"))
    with pytest.raises(StreamUnavailable, match="lgsp topics acls"):
        await _reads(stream_of(role), group)


async def test_requirement_41_who_applies_topics_mends_them(secured: Secured) -> None:
    settings = secured.settings("topics")
    longer = [replace(topic, retention_days=topic.retention_days + 1) for topic in TOPICS]
    assert [one.what for one in await topics.apply(settings, longer)] == ["retention.ms"]
    assert [one.what for one in await topics.apply(settings)] == ["retention.ms"]
    assert await topics.check(settings) == []


@pytest.mark.parametrize("role", ["relay", "propagate", "watch", "api", "capture"])
async def test_requirement_41_nobody_else_makes_or_changes_topics(secured: Secured, role: str) -> None:
    other = replace(WORKER_CHANGED, name="lgsp.another.v1", replication=1, in_sync_min=1)
    with pytest.raises((TopicsRefused, StreamUnavailable)):
        await topics.apply(secured.settings(role), [other])
    longer = [replace(WORKER_CHANGED, retention_days=1)]
    with pytest.raises((TopicsRefused, StreamUnavailable)):
        await topics.apply(secured.settings(role), longer)
    assert await topics.check(secured.settings("administrator")) == []


@pytest.mark.parametrize("role", ROLES)
async def test_requirement_41_no_role_gives_itself_rights(secured: Secured, role: str) -> None:
    greedy = [*RIGHTS, Right(principal_of(role), "All", "topic", TOPIC)]
    with pytest.raises(TopicsRefused, match="ClusterAuthorizationFailed"):
        await acls.apply(secured.settings(role), greedy, principals())


async def test_requirement_41_who_applies_topics_may_look_at_the_rights(secured: Secured) -> None:
    assert await acls.check(secured.settings("topics"), RIGHTS, principals()) == []


async def test_a_right_beyond_the_table_is_told_and_taken_and_those_of_others_stay(secured: Secured) -> None:
    administrator = secured.settings("administrator")
    surplus = Right(principal_of("relay"), "Read", "group", "lgsp.", "prefixed")
    denied = Right(principal_of("watch"), "Read", "topic", TOPIC, permission="Deny")
    stranger = Right("User:CN=statistics", "Read", "topic", TOPIC)
    await acls.apply(administrator, [*RIGHTS, surplus, denied, stranger], principals())
    told = await acls.check(administrator, RIGHTS, principals())
    assert [(one.kind, one.right) for one in told] == [("surplus", surplus), ("surplus", denied)]
    assert await acls.apply(administrator, RIGHTS, principals()) == told
    assert await acls.check(administrator, [*RIGHTS, stranger], principals()) == []


@pytest.mark.parametrize("shown", ["stranger", "nothing", "clear text"])
async def test_requirement_41_without_a_certificate_of_the_houses_authority_nobody_gets_in(
    secured: Secured, shown: str
) -> None:
    settings = secured.settings("relay", stranger=shown == "stranger")
    if shown == "nothing":
        settings = replace(settings, certificate_file=None, key_file=None)
    if shown == "clear text":
        settings = replace(settings, security_protocol="PLAINTEXT")
    stream = KafkaStream(settings)
    assert await _publish(stream) == PublishFailed("unavailable")
    assert not await stream.ready()
    await stream.close()


@pytest.mark.parametrize("why", ["another authority", "another name"])
async def test_requirement_41_a_broker_that_is_not_believed_gets_nothing(secured: Secured, why: str) -> None:
    settings = secured.settings("relay")
    if why == "another authority":
        settings = replace(settings, ca_file=secured.papers.untrusted)
    else:
        settings = replace(settings, bootstrap_servers=secured.address.replace("127.0.0.1", "localhost"))
    stream = KafkaStream(settings)
    assert await _publish(stream) == PublishFailed("unavailable")
    await stream.close()


def _as(monkeypatch: pytest.MonkeyPatch, settings: KafkaSettings, folder: Path) -> None:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", str(folder / "none.toml"))
    said = {
        "BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "SECURITY_PROTOCOL": "SSL",
        "CA_FILE": settings.ca_file,
        "CERTIFICATE_FILE": settings.certificate_file,
        "KEY_FILE": settings.key_file,
        "REQUEST_TIMEOUT_S": 5,
    }
    for name, value in said.items():
        monkeypatch.setenv(f"LGSP_KAFKA__{name}", str(value))


def test_the_command_says_what_is_missing_gives_it_and_finds_it_given(
    broker: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = "User:CN=trial-{role}"
    _as(monkeypatch, broker.settings("administrator"), tmp_path)
    assert verb.check(form, lang="en") == ExitCode.DRIFTED
    assert "Missing: User:CN=trial-relay: Write topic lgsp.worker.changed.v1" in capsys.readouterr().out
    assert verb.apply(form, lang="en") == ExitCode.OK
    assert "Given: User:CN=trial-propagate: Read group lgsp.propagation.*" in capsys.readouterr().out
    assert verb.check(form, lang="en") == ExitCode.OK


def test_the_command_says_when_it_may_not(broker: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _as(monkeypatch, broker.settings("relay"), tmp_path)
    with pytest.raises(CliFault) as refused:
        verb.apply(PRINCIPAL_FORM, lang="en")
    assert (refused.value.key, refused.value.code) == ("topics.refused", ExitCode.REFUSED)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("untrusted", "authority"),
        ("localhost", "host-name"),
        ("stranger", "our-certificate"),
        ("nothing", "our-certificate"),
    ],
)
def test_requirement_41_what_is_wrong_with_tls_is_told_with_the_setting_to_mend(
    broker: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str, key: str
) -> None:
    settings = broker.settings("topics", stranger=wrong == "stranger")
    if wrong == "untrusted":
        settings = replace(settings, ca_file=broker.papers.untrusted)
    if wrong == "localhost":
        settings = replace(settings, bootstrap_servers=broker.address.replace("127.0.0.1", "localhost"))
    _as(monkeypatch, settings, tmp_path)
    if wrong == "nothing":
        monkeypatch.delenv("LGSP_KAFKA__CERTIFICATE_FILE")
        monkeypatch.delenv("LGSP_KAFKA__KEY_FILE")
    with pytest.raises(CliFault) as refused:
        topics_verb.check(lang="en")
    assert (refused.value.key, refused.value.code) == (f"error.kafka-tls-{key}", ExitCode.CONFIGURATION)
    (check,) = stream_checks(Settings(), "en")
    assert (check.state, check.detail) == ("failed", say(refused.value.key, "en"))


def test_requirement_41_a_broker_that_speaks_in_clear_is_told_as_such(
    broker: Secured, kafka_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _as(monkeypatch, replace(broker.settings("topics"), bootstrap_servers=kafka_address), tmp_path)
    with pytest.raises(CliFault) as refused:
        topics_verb.check(lang="en")
    assert refused.value.key == "error.kafka-tls-plain-broker"


def test_certificate_files_that_cannot_be_used_stop_the_start(
    broker: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _as(monkeypatch, replace(broker.settings("relay"), key_file=broker.settings("watch").key_file), tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with pytest.raises(ValueError, match=r"lgsp-watch\.key"):
        build_stream(Settings(), database, system_clock)
    database.close()
    with pytest.raises(CliFault, match="settings-wrong"):
        topics_verb.check(lang="en")


def test_the_table_is_shown_without_a_broker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", str(tmp_path / "none.toml"))
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    assert verb.show("User:{role}", lang="en") == ExitCode.OK
    shown = capsys.readouterr().out
    assert "User:relay: Write topic lgsp.worker.changed.v1" in shown
    assert shown.count("User:") == len(rows())
