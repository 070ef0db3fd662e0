"""Certificates for tests: an authority that is trusted, one that is not, and files of what they sign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from gateway.security.authority import Authority

VALID_FOR = dt.timedelta(days=2)
HERE = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Papers:
    """`folder` holds `ours.pem`, `others.pem` (authorities) and, as asked, certificates with their keys."""

    folder: Path
    ours: Authority
    others: Authority

    @property
    def trusted(self) -> Path:
        return self.folder / "ours.pem"

    @property
    def untrusted(self) -> Path:
        return self.folder / "others.pem"

    def server(self, name: str, *hosts: str) -> tuple[Path, Path]:
        return self.ours.issue(name, hosts or HERE).write(self.folder, name)

    def client(self, name: str) -> tuple[Path, Path]:
        return self.ours.issue(name).write(self.folder, name)

    def stranger(self, name: str) -> tuple[Path, Path]:
        """A client whom the other authority knows under this name."""
        return self.others.issue(name).write(self.folder, f"stranger-{name}")


def papers(folder: Path) -> Papers:
    now = dt.datetime.now(dt.UTC)
    made = Papers(folder, *(Authority.new(name, now, VALID_FOR) for name in ("ours", "others")))
    made.trusted.write_bytes(made.ours.pem)
    made.untrusted.write_bytes(made.others.pem)
    return made


def broker_settings(paper: Path, authority: Path, port: int, controller: int) -> dict[str, str]:
    """Of a broker that takes nobody without a certificate, and gives no rights but those in its list."""
    return {
        "listeners": f"SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"SSL://127.0.0.1:{port}",
        "listener.security.protocol.map": "SSL:SSL,CONTROLLER:SSL",
        "inter.broker.listener.name": "SSL",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(paper),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority),
        "ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:CN=broker;User:CN=lgsp-administrator",
    }


def postgres_settings(folder: Path, authority: Path, hba: Path | None = None) -> dict[str, str]:
    """Of a server that speaks TLS with `postgresql.crt` of the folder; `hba` replaces who may enter."""
    return {
        "ssl": "on",
        "ssl_cert_file": str(folder / "postgresql.crt"),
        "ssl_key_file": str(folder / "postgresql.key"),
        "ssl_ca_file": str(authority),
        **({"hba_file": str(hba)} if hba is not None else {}),
    }
