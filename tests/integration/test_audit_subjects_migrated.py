"""Reads that were in the chain before people could be found in it are found too."""

from __future__ import annotations

import json

from alembic import command
from sqlalchemy import insert

from gateway.store import migrations
from gateway.store.audit_subjects import AuditSubjects
from gateway.store.engine import Database
from gateway.store.schema import audit_chain

MAI = "12345678-0000-4000-8000-000000000001"
TOAN = "12345678-0000-4000-8000-000000000002"
AT = "2026-07-05T01:02:03.000004Z"
ROWS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("worker:looked_up", "-", {"found": 2, "worker_ids": [MAI, TOAN]}),
    ("worker:revealed", MAI, {}),
    ("target:resume", "population", {"cause": "by-hand"}),
)


def test_reads_from_before_the_migration_are_found_by_person(database_url: str) -> None:
    database = Database(database_url)
    with migrations.migrating(database) as connection:
        connection.commit()
        settings = migrations.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0004")
    with database.write() as connection:
        for position, (action, subject, detail) in enumerate(ROWS, 1):
            told = {"at": AT, "actor": "local", "action": action, "subject": subject, "outcome": "success"}
            rest = {"detail": json.dumps(detail), "chained_at": AT, "hash": bytes(32)}
            connection.execute(insert(audit_chain), {"position": position, **told, **rest})
    migrations.upgrade(database_url)
    subjects = AuditSubjects(database)
    assert [one.action for one in subjects.reads_of(MAI)] == ["worker:revealed", "worker:looked_up"]
    assert [(one.position, one.purpose) for one in subjects.reads_of(TOAN)] == [(1, None)]
    database.close()
