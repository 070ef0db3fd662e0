"""Certificates for a trial: whose they are, what stays, and what is issued anew."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.cli import tls_files
from gateway.cli.exit_codes import CliFault, ExitCode

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
HOSTS = (["db.example.vn", "10.20.5.1"], ["kafka.example.vn"])


def _make(folder: Path, now: dt.datetime = NOW) -> None:
    tls_files.make(folder, *HOSTS, 90, "en", lambda: now)


def _read(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / name).read_bytes())


def _name(certificate: x509.Certificate) -> object:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def _hosts(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one.value) for one in names]


def _purposes(certificate: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_every_role_has_a_certificate_in_its_name_for_clients_only(tmp_path: Path) -> None:
    _make(tmp_path)
    authority = _read(tmp_path, "ca.pem")
    for name in tls_files.CLIENTS:
        certificate = _read(tmp_path, f"{name}.crt")
        certificate.verify_directly_issued_by(authority)
        assert _name(certificate) == name
        assert _purposes(certificate) == {ExtendedKeyUsageOID.CLIENT_AUTH}


def test_servers_hold_the_names_they_are_called_by(tmp_path: Path) -> None:
    _make(tmp_path)
    assert _hosts(_read(tmp_path, "postgresql.crt")) == HOSTS[0]
    assert _hosts(_read(tmp_path, "broker.pem")) == HOSTS[1]
    assert _purposes(_read(tmp_path, "postgresql.crt")) == {ExtendedKeyUsageOID.SERVER_AUTH}


def test_nobody_else_reads_the_files(tmp_path: Path) -> None:
    _make(tmp_path / "tls")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "tls").iterdir()}
    assert (modes, stat.S_IMODE((tmp_path / "tls").stat().st_mode)) == ({0o600}, 0o700)


def test_a_second_run_changes_nothing_and_one_that_was_deleted_is_issued_anew(tmp_path: Path) -> None:
    _make(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    (tmp_path / "lgsp-relay.crt").unlink()
    _make(tmp_path, NOW + dt.timedelta(days=80))
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert {name for name, content in after.items() if content != before[name]} == {"lgsp-relay.crt", "lgsp-relay.key"}
    renewed = _read(tmp_path, "lgsp-relay.crt")
    renewed.verify_directly_issued_by(_read(tmp_path, "ca.pem"))
    assert renewed.not_valid_after_utc == NOW + dt.timedelta(days=170)


def test_an_authority_whose_key_is_away_or_anothers_issues_nothing(tmp_path: Path) -> None:
    _make(tmp_path)
    (tmp_path / "lgsp-watch.crt").unlink()
    (tmp_path / "ca.key").write_bytes((tmp_path / "lgsp-relay.key").read_bytes())
    with pytest.raises(CliFault) as refused:
        _make(tmp_path)
    assert (refused.value.key, refused.value.code) == ("secrets.tls-authority", ExitCode.FILE)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(CliFault):
        _make(tmp_path)
    assert not (tmp_path / "lgsp-watch.crt").exists()
