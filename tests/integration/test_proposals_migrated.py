"""Rights that waited for a second person before approvals had a table of their own can still be confirmed."""

from __future__ import annotations

import datetime as dt
import json

from alembic import command
from sqlalchemy import text

from gateway.callers.administration import ACTIONS, rights_of
from gateway.store import approvals, migrations
from gateway.store.engine import Database

AT = "2026-07-05T01:02:03.000004Z"
RIGHTS = {
    "kind": "person",
    "agency": "H33",
    "unit": "03388",
    "role": "commune_officer",
    "tier": "person",
    "addresses": ["10.0.0.0/8"],
}
STATES = ("confirmed", "proposed", "refused")


def test_open_proposals_move_and_decided_ones_stay_in_the_audit_trail(database_url: str) -> None:
    database = Database(database_url)
    with migrations.migrating(database) as connection:
        connection.commit()
        settings = migrations.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0006")
    with database.write() as connection:
        for state in STATES:
            row = {"caller": f"lan-{state}", "rights": json.dumps(RIGHTS), "by": "mai", "at": AT, "state": state}
            columns = "caller, rights, proposed_by, proposed_at, state"
            connection.execute(
                text(f"INSERT INTO caller_proposals ({columns}) VALUES (:caller, :rights, :by, :at, :state)"), row
            )
    migrations.upgrade(database_url)
    with database.read() as connection:
        (moved,) = approvals.newest(connection, ACTIONS, AT)
    database.close()
    assert (moved.subject, moved.requested_by, moved.state) == ("lan-proposed", "mai", "requested")
    assert dt.datetime.fromisoformat(moved.expires_at) - dt.datetime.fromisoformat(AT) == dt.timedelta(hours=72)
    assert rights_of(json.loads(moved.content)).addresses == ("10.0.0.0/8",)
