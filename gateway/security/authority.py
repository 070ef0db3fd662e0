"""A certificate authority for trials and tests: one key that signs servers' and clients' certificates.

A province's own authority does the same with its key in a safe; nothing else here depends on this one.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_PEM: Final = serialization.Encoding.PEM
_CLOCKS_DIFFER_BY: Final = dt.timedelta(hours=1)
_FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """As `name.crt` and `name.key`, readable by their owner only; answers both."""
        files = folder / f"{name}.crt", folder / f"{name}.key"
        for file, content in zip(files, (self.certificate, self.key), strict=True):
            file.touch(mode=_FILE_MODE)
            file.write_bytes(content)
        return files


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs for `valid_for`, from `now` on."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    now: dt.datetime
    valid_for: dt.timedelta

    @classmethod
    def new(cls, name: str, now: dt.datetime, valid_for: dt.timedelta) -> Self:
        """With a key of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _begun(subject, subject, key.public_key(), now, valid_for)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key, now, valid_for)

    @classmethod
    def load(cls, certificate: bytes, key: bytes, now: dt.datetime, valid_for: dt.timedelta) -> Self:
        """One that was made earlier. Raises ValueError when the two do not belong together."""
        loaded, private = x509.load_pem_x509_certificate(certificate), serialization.load_pem_private_key(key, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or loaded.public_key() != private.public_key():
            raise ValueError("the authority's certificate and key do not belong together")
        return cls(loaded, private, now, valid_for)

    @property
    def private_pem(self) -> bytes:
        """The key that signs: whoever has it can be anybody."""
        return _private(self.key)

    @property
    def pem(self) -> bytes:
        """The certificate that others are told to trust."""
        return self.certificate.public_bytes(_PEM)

    def issue(self, name: str, hosts: Sequence[str] = (), *, both: bool = False) -> Issued:
        """For a server at these names and addresses, or, with none, for a client called `name`.

        `both`: for a server that calls its equals as a client, as brokers do.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        begun = _begun(_named(name), self.certificate.subject, key.public_key(), self.now, self.valid_for)
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH] if hosts else []
        if both or not hosts:
            purposes.append(ExtendedKeyUsageOID.CLIENT_AUTH)
        begun = (
            begun.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if hosts:
            begun = begun.add_extension(x509.SubjectAlternativeName([_host(one) for one in hosts]), critical=False)
        certificate = begun.sign(self.key, hashes.SHA256())
        return Issued(certificate.public_bytes(_PEM), _private(key))


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    valid_for: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER_BY)
        .not_valid_after(now + valid_for)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
