"""What somebody was shown of people is noted before the answer leaves, and told to whoever asks for that person."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.audit.reading import Reading
from gateway.errors import NotFound
from gateway.permissions import Access, require, require_sight
from gateway.reads.access import reading_for
from gateway.store.audit import AuditWriter
from gateway.store.audit_subjects import AuditSubjects, PersonRead
from gateway.store.records import RecordReader


class Readers:
    """Its methods block: call them from a worker thread. When the trail cannot be written, they raise, and the answer
    must not leave."""

    def __init__(self, records: RecordReader, subjects: AuditSubjects, audit: AuditWriter) -> None:
        self._records = records
        self._subjects = subjects
        self._audit = audit

    def reads_of(self, worker_id: str, before: int | None, limit: int, access: Access) -> list[PersonRead]:
        """Who was shown this person, newest first; asking is a reading too. Raises NotPermitted, NotFound."""
        require(access.caller, "workers.readers")
        opened = self._records.read([worker_id]).get(worker_id)
        if opened is None:
            raise NotFound("worker-not-found")
        require_sight(access.caller, opened.commune, "worker-not-found")
        self._audit.write(access.caller.name, "worker:readers_read", worker_id, reading_for(access).told())
        return self._subjects.reads_of(worker_id, before, limit)

    def listed(self, reading: Reading, what: str, worker_ids: Iterable[str | None]) -> None:
        """A page of the list `what` is about to be shown; an empty one shows nobody and leaves no row."""
        shown = sorted({one for one in worker_ids if one is not None})
        if shown:
            self._audit.write(reading.name, "worker:listed", what, reading.told(worker_ids=shown))

    def letter(self, reading: Reading, worker_id: str, target: str) -> None:
        """A dead letter is about to be shown."""
        self._audit.write(reading.name, "worker:letter_read", worker_id, reading.told(target=target))

    def entry(self, reading: Reading, entry_id: str, worker_id: str | None) -> None:
        """What became of an entry is about to be shown."""
        shown = [] if worker_id is None else [worker_id]
        self._audit.write(reading.name, "entry:read", entry_id, reading.told(worker_ids=shown))
