"""`python -m gateway.store.migrations`: what someone who changes the schema needs.

check [URL]          prove that migrations and schema agree: on a fresh SQLite, and on PostgreSQL if a URL is given
revision MESSAGE     write the next migration from what the schema has and the migrations lack; read it, then format it
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from alembic import command

from gateway.store.engine import Database
from gateway.store.migrations import config, migrating, upgrade_on
from gateway.store.migrations.drift import drift, drift_on_sqlite


def main() -> int:
    """Exit code: 0 fine, 1 differences."""
    parser = argparse.ArgumentParser(prog="python -m gateway.store.migrations", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("check").add_argument("url", nargs="?", metavar="URL")
    actions.add_parser("revision").add_argument("message", metavar="MESSAGE")
    arguments = parser.parse_args()
    if arguments.action == "revision":
        _write_revision(arguments.message)
        return 0
    return _check(arguments.url)


def _check(url: str | None) -> int:
    found = drift_on_sqlite() + (drift(url) if url else [])
    sys.stdout.writelines(f"{line}\n" for line in found or ["Migrations and schema agree."])
    return 1 if found else 0


def _write_revision(message: str) -> None:
    """Compared on SQLite; the types of the schema say by themselves what differs on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="lgsp-revision-") as directory:
        database = Database(f"sqlite:///{Path(directory) / 'fresh.sqlite3'}")
        with migrating(database) as connection:
            upgrade_on(connection)
        with database.engine.connect() as connection:
            settings = config()
            settings.attributes["connection"] = connection
            number = f"{len(list((Path(__file__).parent / 'versions').glob('v*.py'))) + 1:04}"
            command.revision(settings, message, autogenerate=True, rev_id=number)
        database.close()


if __name__ == "__main__":
    sys.exit(main())
