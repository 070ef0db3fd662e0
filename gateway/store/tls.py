"""TLS to PostgreSQL: only to the server whose name we called, signed by whom we believe; and what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, TypeAlias

from sqlalchemy import make_url

TlsFault: TypeAlias = Literal["authority", "host-name", "plain-server", "our-certificate", "files"]
"""What to look at: the authority, the name we call, the server's own settings, our certificate, our files."""

# The words of libpq 18 and of OpenSSL 3, which have no codes. An unknown one is told as any other fault.
_SAID: Final[tuple[tuple[str, TlsFault], ...]] = (
    ("does not match host name", "host-name"),
    ("certificate verify failed", "authority"),
    ("server does not support ssl", "plain-server"),
    ("valid client certificate", "our-certificate"),
    ("alert unknown ca", "our-certificate"),
    ("alert certificate required", "our-certificate"),
    ("alert bad certificate", "our-certificate"),
    ("alert certificate expired", "our-certificate"),
    ("alert decrypt error", "our-certificate"),
    ("root certificate file", "files"),
    ("certificate file", "files"),
    ("private key file", "files"),
    ("could not load private key", "files"),
)


def verified(
    url: str,
    ca_file: Path,
    certificate_file: Path | None = None,
    key_file: Path | None = None,
    key_password: str | None = None,
) -> str:
    """The URL, so that nothing but a verified server is spoken to, whatever it said of TLS itself."""
    options = {"sslmode": "verify-full", "sslrootcert": str(ca_file), "gssencmode": "disable"}
    if certificate_file is not None:
        options |= {"sslcert": str(certificate_file), "sslkey": str(key_file)}
        if key_password is not None:
            options["sslpassword"] = key_password
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def tls_fault(error: BaseException) -> TlsFault | None:
    """What of TLS made a connection fail; None if it was something else."""
    said = str(getattr(error, "orig", error)).lower()
    return next((fault for words, fault in _SAID if words in said), None)
