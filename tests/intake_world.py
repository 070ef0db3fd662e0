"""Intake on a real database, without a door: synthetic people, the room, and what stands in the tables afterwards."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import event, func, select

from contracts.entry import Entry, Receipt, Statement
from gateway.clock import instant
from gateway.intake import Intake, Submission
from gateway.intake.prepare import Preparation
from gateway.intake.quarantine import Quarantine
from gateway.intake.slices import SliceWriter
from gateway.permissions import Caller
from gateway.quality import QualitySettings
from gateway.security.keyring import Keyring
from gateway.security.sealing import Vault
from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.entries import EntryReader
from gateway.store.intake_store import IntakeStore
from gateway.store.migrations import upgrade
from gateway.store.records import OpenedWorker, RecordReader

NOW = dt.datetime(2026, 7, 6, 1, 0, tzinfo=dt.UTC)
DECLARED_ON = "2026-07-05"
COMMUNE = "03388"

# Real people's names are avoided by a syllable that no list of names holds.
NAME = "LÒ THỊ THỬNGHIỆM"
BIRTH_DATE = "1994-05-12"
STREET = "Bản Thửnghiệm, nhà số 9"

IN_DOUBT: dict[str, Any] = {"tinh_trang_hdkt": "9"}
"""An activity that no list holds: a rule refuses it, whoever the person is."""

OFFICER: Final = Caller("can-bo", "H35", "12", "province_officer")


def number(at: int) -> str:
    """A personal number of a woman born in 1994, made up."""
    return f"012194{at:06d}"


def insurance_number(at: int) -> str:
    return f"12{at:08d}"


def address(detail: str = STREET, commune: str = COMMUNE) -> dict[str, Any]:
    return {"ma_tinh": "12", "ma_xa": commune, "ngay_ma": "2026-07-05", "chi_tiet": detail}


def tt11(at: int, **changes: Any) -> dict[str, Any]:
    """The fields of a TT 11 form about person `at`, without a contradiction."""
    fields: dict[str, Any] = {
        "tinh": "12",
        "xa": COMMUNE,
        "ho_ten": NAME,
        "ngay_sinh": BIRTH_DATE,
        "gioi_tinh": "2",
        "so_dinh_danh": number(at),
        "ma_so_bhxh": insurance_number(at),
        "thuong_tru": address(),
        "noi_o_hien_tai": address(),
        "doi_tuong_uu_tien": ["6"],
        "dan_toc": "03",
        "trinh_do_gdpt": "4",
        "trinh_do_cmkt": "5",
        "chuyen_nganh": "Kế toán",
        "tinh_trang_hdkt": "1",
        "ly_do_khong_tham_gia": None,
        "vi_the_viec_lam": "4",
        "cong_viec_cu_the": "Kế toán viên",
        "tham_gia_bhxh": True,
        "loai_bhxh": "1",
        "co_hdld": True,
        "loai_hdld": "2",
        "ngay_bat_dau_hdld": "2024-03-01",
        "noi_lam_viec": "Công ty chè Mẫu Lai Châu",
        "loai_hinh_noi_lam_viec": "5",
        "loai_doanh_nghiep": "52",
        "dia_chi_noi_lam_viec": address("Tổ 1"),
        "nguoi_that_nghiep": None,
        "thoi_gian_that_nghiep": None,
        "ngay_khai": DECLARED_ON,
        "nguoi_cung_cap": NAME,
    }
    return {**fields, **changes}


def submission(
    at: int, *, key: str | None = None, sender: str = "commune", declared_on: str = DECLARED_ON, **changes: Any
) -> Submission:
    entry = Entry(form="tt11_mau03", declared_on=declared_on, key=key, fields=tt11(at, **changes))
    return Submission(entry, sender)


def statement(source: Any, groups: Any, *, as_of: str = DECLARED_ON, **more: Any) -> Submission:
    return Submission(Statement(source=source, as_of=as_of, groups=groups, **more), source)


def basic(at: int, **more: Any) -> dict[str, Any]:
    return {"full_name": NAME, "birth_date": BIRTH_DATE, "personal_number": number(at), **more}


class StandingClock:
    """Stands still until told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def go_on(self) -> str:
        """One minute later, as text."""
        self.now += dt.timedelta(minutes=1)
        return instant(self.now)


@dataclass
class World:
    """One database with intake on it."""

    url: str
    vault: Vault
    database: Database
    intake: Intake
    quarantine: Quarantine
    records: RecordReader
    woken: list[int]
    clock: StandingClock

    def receive(self, *submissions: Submission) -> list[Receipt]:
        return asyncio.run(self.intake.receive(submissions))

    def one(self, one: Submission) -> Receipt:
        (receipt,) = self.receive(one)
        return receipt

    def release(self, receipt: Receipt, reason: str = "đã gặp người lao động") -> Receipt:
        assert receipt.id is not None
        return self.quarantine.release(receipt.id, OFFICER, reason)

    def worker(self, receipt: Receipt) -> OpenedWorker:
        assert receipt.worker_id is not None
        return self.records.read([receipt.worker_id])[receipt.worker_id]

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table)))

    def count(self, table: Any) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def counts(self) -> dict[str, int]:
        return {name: self.count(table) for name, table in schema.metadata.tables.items()}

    def events(self, worker_id: str | None) -> list[dict[str, Any]]:
        events = schema.events
        query = select(events.c.body).where(events.c.worker_id == worker_id).order_by(events.c.id)
        with self.database.read() as connection:
            return [orjson.loads(body) for (body,) in connection.execute(query)]

    def current_identifiers(self) -> list[tuple[str, str]]:
        table = schema.worker_identifiers
        return sorted((row.kind, row.worker_id) for row in self.rows(table) if row.valid_to is None)


@contextmanager
def world(url: str, threads: int = 2, keyring: Keyring | None = None) -> Iterator[World]:
    """Migrated, empty unless somebody was here before, and closed at the end."""
    upgrade(url)
    database = Database(url)
    vault, quality, clock, woken = Vault(keyring or Keyring.generate()), QualitySettings(), StandingClock(), []
    with ThreadPoolExecutor(threads) as executor:
        try:
            writer = SliceWriter(IntakeStore(database, vault), vault, quality)
            intake = Intake(Preparation(vault, quality), writer, clock, executor, lambda: woken.append(1))
            quarantine = Quarantine(EntryReader(database, vault), intake, clock)
            yield World(url, vault, database, intake, quarantine, RecordReader(database, vault), woken, clock)
        finally:
            database.close()


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile; one `executemany` counts once."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
