"""TLS to a real PostgreSQL (requirement 41): verify-full works, nothing less does, and a sentence says what to mend."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.cli import db, tls_files
from gateway.cli.doctor import local_checks
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.texts import say
from gateway.cli.waiting import wait_for_tables
from gateway.settings import DatabaseSettings, Settings
from gateway.store.engine import Database
from gateway.wiring.database import database_url
from ops.local.postgres import LocalPostgres
from ops.local.postgres_tls import programs_with_tls
from ops.local.unprivileged import account_for_servers, temporary_directory
from tests.tls_world import Papers, papers, postgres_settings


@dataclass(frozen=True)
class Servers:
    """One that speaks TLS, one that also wants a certificate of ours, one that speaks in clear; all with a password."""

    tls: str
    mutual: str
    plain: str
    papers: Papers


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    account = account_for_servers()
    folder = temporary_directory("lgsp-tls-", account)
    authorities = papers(folder)
    certificate, key = authorities.server("postgresql", "127.0.0.1")
    asking = folder / "pg_hba.conf"
    asking.write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n")
    for file in (certificate, key, authorities.trusted, asking):
        account.owns(file)
    tls = postgres_settings(folder, authorities.trusted)
    programs = programs_with_tls()
    with (
        LocalPostgres(tcp=True, programs=programs, settings=tls) as simple,
        LocalPostgres(
            tcp=True, programs=programs, settings=postgres_settings(folder, authorities.trusted, asking)
        ) as mutual,
        LocalPostgres(tcp=True) as plain,
    ):
        yield Servers(simple.url, mutual.url, plain.url, authorities)
    shutil.rmtree(folder)


def _set(monkeypatch: pytest.MonkeyPatch, url: str, **files: Path) -> Settings:
    monkeypatch.setenv("LGSP_SETTINGS_FILE", "none.toml")
    monkeypatch.setenv("LGSP_DATABASE__URL", url)
    for name in ("CA_FILE", "CERTIFICATE_FILE", "KEY_FILE"):
        monkeypatch.delenv(f"LGSP_DATABASE__{name}", raising=False)
    for name, file in files.items():
        monkeypatch.setenv(f"LGSP_DATABASE__{name.upper()}", str(file))
    return Settings()


def _how(settings: Settings) -> tuple[bool, str | None]:
    """Whether the server sees TLS, and whose certificate it saw."""
    database = Database(database_url(settings))
    try:
        with database.read() as connection:
            question = text("SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            encrypted, who = connection.execute(question).one()
            return encrypted, who
    finally:
        database.close()


def _refused(settings: Settings) -> CliFault:
    with pytest.raises(CliFault) as refused:
        db.upgrade()
    (check,) = [one for one in local_checks(settings, "en") if one.part == "database"]
    assert check.detail == say(refused.value.key, "en"), "doctor says the same"
    return refused.value


def test_requirement_41_a_verified_server_is_spoken_to_in_tls(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _set(monkeypatch, servers.tls, ca_file=servers.papers.trusted)
    assert _how(settings) == (True, None)
    db.upgrade()


def test_requirement_41_our_certificate_is_shown_where_it_is_wanted(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = servers.papers.client("lgsp")
    files = {"ca_file": servers.papers.trusted, "certificate_file": certificate, "key_file": key}
    assert _how(_set(monkeypatch, servers.mutual, **files)) == (True, "/CN=lgsp")


def test_requirement_41_a_server_of_another_authority_is_refused(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = _refused(_set(monkeypatch, servers.tls, ca_file=servers.papers.untrusted))
    assert (fault.key, fault.code) == ("error.database-tls-authority", ExitCode.CONFIGURATION)


@pytest.mark.parametrize("weaker", ["", "?sslmode=require", "?sslmode=disable", "?sslmode=verify-ca"])
def test_requirement_41_a_server_with_another_name_is_refused_whatever_the_url_says(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, weaker: str
) -> None:
    url = servers.tls.replace("@127.0.0.1:", "@localhost:") + weaker
    fault = _refused(_set(monkeypatch, url, ca_file=servers.papers.trusted))
    assert fault.key == "error.database-tls-host-name"


def test_requirement_41_a_server_without_tls_is_refused(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = _refused(_set(monkeypatch, servers.plain, ca_file=servers.papers.trusted))
    assert fault.key == "error.database-tls-plain-server"


@pytest.mark.parametrize("shown", ["nothing", "stranger"])
def test_requirement_41_without_a_certificate_that_the_server_believes_nobody_gets_in(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    files = {"ca_file": servers.papers.trusted}
    if shown == "stranger":
        certificate, key = servers.papers.stranger("lgsp")
        files |= {"certificate_file": certificate, "key_file": key}
    assert _refused(_set(monkeypatch, servers.mutual, **files)).key == "error.database-tls-our-certificate"


def test_a_file_that_is_not_there_is_told_as_such(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = _refused(_set(monkeypatch, servers.tls, ca_file=servers.papers.folder / "none.pem"))
    assert fault.key == "error.database-tls-files"


def test_a_key_that_others_can_read_is_told_as_such(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = servers.papers.client("open")
    key.chmod(0o644)
    files = {"ca_file": servers.papers.trusted, "certificate_file": certificate, "key_file": key}
    assert _refused(_set(monkeypatch, servers.tls, **files)).key == "error.database-tls-files"


def test_a_part_that_waits_for_its_database_does_not_wait_for_another_certificate(servers: Servers) -> None:
    settings = DatabaseSettings(url=servers.tls, ca_file=servers.papers.untrusted)
    url = database_url(Settings(database=settings))
    with pytest.raises(Exception, match="certificate verify failed"):
        wait_for_tables(url, "en")


def test_certificates_for_what_is_no_postgresql_stop_the_start() -> None:
    with pytest.raises(ValueError, match="for PostgreSQL"):
        DatabaseSettings(ca_file=Path("authority.pem"))
    with pytest.raises(ValueError, match="the server is verified first"):
        DatabaseSettings(url="postgresql+psycopg://x/y", certificate_file=Path("a"), key_file=Path("b"))


def test_certificates_of_a_trial_are_what_server_and_client_need(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_for_servers()
    folder = temporary_directory("lgsp-trial-", account)
    tls_files.make(folder, ["127.0.0.1"], ["127.0.0.1"], 1, "en")
    hba = folder / "pg_hba.conf"
    hba.write_text("local all all trust\nhostssl all lgsp 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n")
    for name in ("postgresql.crt", "postgresql.key", "ca.pem", "pg_hba.conf"):
        account.owns(folder / name)
    settings = postgres_settings(folder, folder / "ca.pem", hba)
    ours = {"certificate_file": folder / "lgsp.crt", "key_file": folder / "lgsp.key"}
    relays = {"certificate_file": folder / "lgsp-relay.crt", "key_file": folder / "lgsp-relay.key"}
    with LocalPostgres(tcp=True, programs=programs_with_tls(), settings=settings) as server:
        assert _how(_set(monkeypatch, server.url, ca_file=folder / "ca.pem", **ours)) == (True, "/CN=lgsp")
        with pytest.raises(Exception, match="authentication failed"):
            _how(_set(monkeypatch, server.url, ca_file=folder / "ca.pem", **relays))
    shutil.rmtree(folder)
