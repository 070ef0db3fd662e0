"""The same write as a team would write it first: one ORM session per request, one commit each, no rules, no sealing.

It uses our own tables, so that the indexes it feeds are the same ones. What it leaves out (rules, encryption, keyed
indexes, the order of versions under concurrency, idempotency) is left out in its favour.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy import Engine, create_engine, event, make_url, select
from sqlalchemy.orm import DeclarativeBase, Session

from gateway.store import migrations, schema
from ops.bench.form_model import EntryForm, ReceiptBody


class _Base(DeclarativeBase):
    metadata = schema.metadata


class Worker(_Base):
    """workers"""

    __table__ = schema.workers


class Identifier(_Base):
    """worker_identifiers"""

    __table__ = schema.worker_identifiers


class EntryRow(_Base):
    """entries"""

    __table__ = schema.entries


class Observation(_Base):
    """observations"""

    __table__ = schema.observations


class Event(_Base):
    """events"""

    __table__ = schema.events


class Pending(_Base):
    """pending"""

    __table__ = schema.pending


class Audit(_Base):
    """audit_rows"""

    __table__ = schema.audit_rows


def orm_app(url: str) -> FastAPI:
    """The application over a database that is migrated first."""
    migrations.upgrade(url)
    engine = _engine(url)
    app = FastAPI(openapi_url=None)

    def session() -> Iterator[Session]:
        with Session(engine) as opened:
            yield opened

    @app.post("/v1/entries", status_code=201)
    def submit(entry: EntryForm, opened: Annotated[Session, Depends(session)]) -> ReceiptBody:
        return store(opened, entry)

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {}

    return app


def store(session: Session, entry: EntryForm) -> ReceiptBody:
    """Find or make the worker; add entry, observation, event, pending and audit row; commit."""
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    fields, entry_id = entry.fields, str(uuid.uuid4())
    worker = _find(session, fields.so_dinh_danh)
    if worker is None:
        worker = _new_worker(session, entry, now)
    else:
        worker.version += 1
        worker.changed_at = now
    body = entry.model_dump_json()
    worker.statements = body
    session.add(_entry_row(entry, entry_id, worker, body, now))
    session.add(
        Observation(
            worker_id=worker.worker_id,
            entry_id=entry_id,
            source="form",
            as_of=entry.declared_on,
            observed_at=now,
            groups=body,
            key_id=worker.key_id,
            changed="[]",
        )
    )
    told: Any = Event(
        event_id=str(uuid.uuid4()),
        worker_id=worker.worker_id,
        version=worker.version,
        type="changed" if worker.version > 1 else "created",
        recorded_at=now,
        body=body.encode(),
    )
    session.add(told)
    session.flush()
    session.add(Pending(id=told.id, worker_id=worker.worker_id))
    session.add(Audit(at=now, actor="bench", action="entry:accepted", subject=entry_id, outcome="success", detail="{}"))
    receipt = ReceiptBody(id=entry_id, state="accepted", worker_id=worker.worker_id, version=worker.version)
    session.commit()
    return receipt


def _index(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()


def _find(session: Session, number: str) -> Any:
    held, workers = schema.worker_identifiers.c, schema.workers.c
    return session.scalars(
        select(Worker)
        .join(Identifier, held.worker_id == workers.worker_id)
        .where(held.index == _index(schema.PERSONAL_NUMBER, number), held.valid_to.is_(None))
        .with_for_update()
    ).first()


def _new_worker(session: Session, entry: EntryForm, now: str) -> Any:
    fields = entry.fields
    worker: Any = Worker(
        worker_id=str(uuid.uuid4()),
        version=1,
        key_id=str(uuid.uuid4()),
        statements="",
        commune=entry.commune,
        verified=False,
        keys_doubted=False,
        created_at=now,
        changed_at=now,
        confirmed_at="{}",
    )
    session.add(worker)
    named = {
        schema.PERSONAL_NUMBER: fields.so_dinh_danh,
        schema.SOCIAL_INSURANCE_NUMBER: fields.ma_so_bhxh or "",
        schema.NAME_BIRTH: f"{fields.ho_ten}|{fields.ngay_sinh}",
    }
    for kind, value in named.items():
        session.add(Identifier(kind=kind, index=_index(kind, value), worker_id=worker.worker_id, valid_from=now))
    return worker


def _entry_row(entry: EntryForm, entry_id: str, worker: Any, body: str, now: str) -> Any:
    return EntryRow(
        entry_id=entry_id,
        sender="bench",
        key_index=_index("key", entry.key),
        body_digest=hashlib.sha256(body.encode()).digest(),
        received_at=now,
        source="form",
        form=entry.form,
        declared_on=entry.declared_on,
        commune=entry.commune,
        state="accepted",
        worker_id=worker.worker_id,
        version=worker.version,
        envelope="{}",
        key_id=worker.key_id,
        sealed=body.encode(),
        receipt="{}",
    )


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=16, max_overflow=24)
    if make_url(url).get_backend_name() == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # As ours is tuned; without BEGIN IMMEDIATE the first write after a read would fail under concurrency.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
