"""Where the store is, and how it is reached."""

from __future__ import annotations

from gateway.settings import Settings
from gateway.store.tls import verified


def database_url(settings: Settings) -> str:
    """The URL that is connected to: with TLS and the server verified where its authority is named."""
    said = settings.database
    if said.ca_file is None:
        return said.url
    password = None if said.key_password is None else said.key_password.get_secret_value()
    return verified(said.url, said.ca_file, said.certificate_file, said.key_file, password)
