"""Who read this person's data? Asked of the chain, through an index by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from gateway.audit.reading import detail_of
from gateway.store.engine import Database
from gateway.store.schema import audit_chain, audit_subjects

READS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class PersonRead:
    """One time that a person was shown to somebody. Rows older than purposes have none of the last four."""

    position: int
    at: str
    actor: str
    action: str
    unit: str | None
    role: str | None
    purpose: str | None
    reference: str | None


class AuditSubjects:
    """Call from a worker thread. A read is found as soon as it is in the chain, within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reads_of(self, worker_id: str, before: int | None = None, limit: int = READS_MAX) -> list[PersonRead]:
        """Newest first, below position `before`; at most `limit` and READS_MAX."""
        here = audit_subjects.c.worker_id == worker_id
        query = select(audit_chain).join(audit_subjects, audit_subjects.c.position == audit_chain.c.position)
        query = query.where(here if before is None else here & (audit_subjects.c.position < before))
        query = query.order_by(audit_subjects.c.position.desc()).limit(min(limit, READS_MAX))
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [_read(one.position, one.at, one.actor, one.action, one.detail) for one in found]


def _read(position: int, at: str, actor: str, action: str, detail: str) -> PersonRead:
    told = detail_of(detail)
    return PersonRead(
        position, at, actor, action, told.get("unit"), told.get("role"), told.get("purpose"), told.get("reference")
    )
