"""Where tests get their databases and their broker: named in the environment, or started here. Never neither."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from ops.local.kafka import LocalKafka
from ops.local.postgres import LocalPostgres

ADDRESS_VARIABLE = "LGSP_DATABASE__URL"
KAFKA_VARIABLE = "LGSP_KAFKA__BOOTSTRAP_SERVERS"
CONNECT_TIMEOUT_S = 5


class PostgresServer(Protocol):
    """A server on which tests may make databases of their own."""

    def create_database(self, name: str) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        ...

    def drop_database(self, name: str) -> None:
        """Delete it, whoever is still connected."""
        ...


class ServerUnreachable(RuntimeError):
    """The server named in the environment cannot be used; the message says why and what to do."""


class NamedServer:
    """The server of a given URL, whose role must be allowed to create databases."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError as error:
            raise ServerUnreachable(
                f"{ADDRESS_VARIABLE} names {url.render_as_string(hide_password=True)}, which does not answer. "
                f"Start it, correct the address, or unset {ADDRESS_VARIABLE}: then the tests start their own. "
                f"It was asked, and: {error}"
            ) from error

    def create_database(self, name: str) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        self._execute("CREATE DATABASE {} TEMPLATE template0", name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        """Delete it, whoever is still connected."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """The named server if the environment names a PostgreSQL, else a new one that ends with this block."""
    address = os.environ.get(ADDRESS_VARIABLE, "")
    if address.startswith("postgres"):
        yield NamedServer(make_url(address))
        return
    with LocalPostgres() as server:
        yield server


@contextmanager
def fresh_database(server: PostgresServer) -> Iterator[str]:
    """URL of a new, empty database, deleted at the end. Its name is random: several runs may share one server."""
    name = f"lgsp_test_{secrets.token_hex(8)}"
    url = server.create_database(name)
    try:
        yield url
    finally:
        server.drop_database(name)


@contextmanager
def kafka() -> Iterator[str]:
    """Bootstrap servers: those that the environment names, else of a new broker that ends with this block."""
    if address := os.environ.get(KAFKA_VARIABLE, ""):
        _assert_answers(address)
        yield address
        return
    with LocalKafka() as broker:
        yield broker.bootstrap_servers


def _assert_answers(address: str) -> None:
    host, _, port = address.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise ServerUnreachable(
            f"{KAFKA_VARIABLE} names {address}, which does not answer ({error}). Start it, correct the address, "
            f"or unset {KAFKA_VARIABLE}: then the tests start their own."
        ) from error
