"""The house: all rooms of one process, built once, started and stopped together."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from contracts.adapter_port import IdentityVerifier, SystemAdapter
from contracts.entry import Receipt, Statement
from contracts.topics import WORKER_CHANGED
from contracts.worker import SystemName
from gateway.chaining.chainer import Chainer
from gateway.clock import Clock, system_clock
from gateway.intake import Intake, Submission
from gateway.intake.erasing import Erasing
from gateway.intake.gather import Gathering
from gateway.intake.prepare import Preparation
from gateway.intake.pressure import Pressure
from gateway.intake.quarantine import Quarantine
from gateway.intake.receive import IntakeSettings
from gateway.intake.slices import SliceWriter
from gateway.intake.waiting import Waiting
from gateway.observability.metrics import Metrics
from gateway.propagation.dead_letters import DeadLetters
from gateway.propagation.notice import Notice
from gateway.propagation.pauses import Pauses
from gateway.propagation.presence import Presence
from gateway.propagation.sender import Sender
from gateway.propagation.status import PropagationStatus
from gateway.propagation.wanted import WantedLoop, group_of
from gateway.quality import QualitySettings
from gateway.reads.audit_trail import AuditTrail
from gateway.reads.quality import QualityReads
from gateway.reads.readers import Readers
from gateway.reads.refusals import RefusalLog
from gateway.reads.signed_receipts import SignedReceipts
from gateway.reads.workers import WorkerReads
from gateway.register import Register
from gateway.relay.publisher import Relay
from gateway.security.ledger import Ledger
from gateway.settings import Settings
from gateway.store.audit import AuditWriter
from gateway.store.audit_chain import AuditChain
from gateway.store.audit_subjects import AuditSubjects
from gateway.store.commune_quality import CommuneQuality
from gateway.store.engine import Database
from gateway.store.entries import EntryReader
from gateway.store.event_log import EventLog
from gateway.store.intake_store import IntakeStore
from gateway.store.receipt_batches import ReceiptReader
from gateway.store.records import RecordReader
from gateway.store.worker_history import HistoryReader
from gateway.stream.port import Consumer, Stream
from gateway.verification.asking import Asking
from gateway.verification.listening import Listening
from gateway.verification.lists import VerificationLists
from gateway.watch.status import WatchStatus
from gateway.watch.watcher import Watcher
from gateway.wiring.callers import CallersRoom, build_callers
from gateway.wiring.database import database_url
from gateway.wiring.keys import key_provider, open_vault
from gateway.wiring.limits import relay_settings, target_settings, verification_settings
from gateway.wiring.renewing import Renewing
from gateway.wiring.streams import build_stream
from gateway.wiring.systems import SYSTEMS, build_systems, token_source
from gateway.wiring.watching import build_watcher

STOP_WITHIN_S: Final = 15.0
_READY_STATEMENT: Final = text("SELECT 1")
_log = structlog.get_logger("gateway")
Loop = Callable[[asyncio.Event], Coroutine[None, None, None]]


@dataclass(slots=True)
class House:
    """What the doors may ask for. `loops` run from `start` to `stop`, each until the stop event is set."""

    settings: Settings
    database: Database
    clock: Clock
    records: RecordReader
    systems: dict[SystemName, SystemAdapter]
    intake: Intake
    gathering: Gathering
    quarantine: Quarantine
    erasing: Erasing
    register: Register
    entries: EntryReader
    workers: WorkerReads
    audit: AuditTrail
    receipts: SignedReceipts
    readers: Readers
    refusals: RefusalLog
    quality: QualityReads
    event_log: EventLog
    dead_letters: DeadLetters
    propagation: PropagationStatus
    pauses: Pauses
    notice: Notice
    pressure: Pressure
    verifications: VerificationLists
    senders: dict[SystemName, Sender]
    asking: Asking
    loops: dict[str, Loop]
    closers: Sequence[Callable[[], Coroutine[None, None, None]]]
    executor: ThreadPoolExecutor
    stream: Stream
    relay: Relay
    consumers: dict[str, tuple[str, Consumer]]
    """By the loop that reads: its group, and the reader."""
    metrics: Metrics
    watcher: Watcher
    watch: WatchStatus
    callers: CallersRoom
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Start every loop; each waits by itself for what it needs."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(run(self._stop), name=name) for name, run in self.loops.items()]
        for task in self._tasks:
            task.add_done_callback(_report_end)

    async def stop(self) -> None:
        """Answer what was accepted, finish calls under way, give back connections."""
        await self.gathering.drain()
        self._stop.set()
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
            for task in unfinished:
                task.cancel()
        for close in self.closers:
            await close()
        self.executor.shutdown(wait=True)
        self.database.close()

    def readiness(self) -> dict[str, str]:
        """What an api process cannot work without: the database with its tables (keys were read at the start)."""
        try:
            with self.database.read() as connection:
                connection.execute(_READY_STATEMENT)
                connection.execute(text("SELECT 1 FROM audit_rows LIMIT 1"))
        except SQLAlchemyError as error:
            return {"database": type(error).__name__, "keys": "ok"}
        stream = "behind" if self.pressure.is_too_high else "ok"
        return {"database": "ok", "keys": "ok", "audit": "ok", "stream": stream}


def build_house(settings: Settings, clock: Clock = system_clock, metrics: Metrics | None = None) -> House:
    """Everything of one process, over a database that has its tables. Raises KeysUnusable, SQLAlchemyError."""
    database = Database(database_url(settings))
    vault = open_vault(provider := key_provider(settings), database)
    quality = _criteria(settings)
    stream = build_stream(settings, database, clock)
    relay = Relay(database, stream, clock, _holder(), relay_settings(settings))
    writers = 1 if database.is_sqlite else settings.intake.writers
    executor = ThreadPoolExecutor(writers, thread_name_prefix="intake")
    records = RecordReader(database, vault)
    intake = Intake(
        Preparation(vault, quality),
        SliceWriter(IntakeStore(database, vault), vault, quality),
        clock,
        executor,
        relay.notify,
        IntakeSettings(slice_size_max=settings.intake.slice_size_max),
        Waiting(settings.intake.wait_s_max, settings.intake.slice_size_max),
    )
    entries = EntryReader(database, vault)
    erasing = Erasing(
        database,
        vault,
        Ledger(settings.keys.ledger),
        records,
        entries,
        Quarantine(entries, intake, clock),
        Preparation(vault, quality),
        clock,
    ).caught_up()
    token = token_source(settings)
    systems = build_systems(settings, token)
    population = systems["population"]
    assert isinstance(population, IdentityVerifier), "the population system judges identity"
    verification = verification_settings(settings)
    asking = Asking(population, receiver(intake, "verification"), records, database, clock, verification)
    pauses = Pauses(database, clock)
    notice = Notice(pauses)
    event_log = EventLog(database, clock)
    pressure = Pressure(event_log, clock, settings.intake.pending_age_max_s)
    loops: dict[str, Loop] = {"relay": relay.run, "notice.pauses": notice.run, "notice.pressure": pressure.run}
    audit = AuditWriter(database, clock)
    callers = build_callers(settings, database, clock, vault.token_key())
    callers.directory.refresh()
    loops |= {"notice.callers": callers.directory.run, "keys": Renewing(provider, vault).run}
    refusals = RefusalLog(audit)
    loops |= {"refusals": refusals.run, "chaining": Chainer(database, clock, _holder(), vault.audit_signer).run}
    consumers = _consumers(settings, stream)
    senders = _add_propagation(loops, settings, systems, consumers, records, database, clock, pauses)
    sending = {name: sender for name, sender in senders.items() if f"sender.{name}" in loops}
    loops["sender.presence"] = Presence(_holder(), sending, database, pauses).run
    if settings.verification.enabled:
        _, listener = consumers["verification.listening"]
        loops["verification.listening"] = Listening(listener, records, database, clock, verification, asking.wake).run
        loops["verification.asking"] = asking.run
    watcher = build_watcher(settings, stream, database, clock, _holder())
    if settings.watch.enabled:
        loops["watch"] = watcher.run
    return House(
        settings=settings,
        database=database,
        clock=clock,
        records=records,
        systems=systems,
        intake=intake,
        gathering=Gathering(intake.receive_slice, executor, writers, settings.intake.slice_size_max, intake.waiting),
        quarantine=erasing.quarantine,
        erasing=erasing,
        register=Register(database, records, clock),
        entries=entries,
        workers=WorkerReads(records, HistoryReader(database, vault), audit, vault, quality, clock),
        audit=AuditTrail(AuditChain(database, clock), audit, vault.audit_signer),
        receipts=SignedReceipts(ReceiptReader(database, vault), vault),
        readers=Readers(records, AuditSubjects(database), audit),
        refusals=refusals,
        quality=QualityReads(CommuneQuality(database), quality, clock),
        event_log=event_log,
        dead_letters=DeadLetters(database, records, clock),
        propagation=PropagationStatus(database, clock, frozenset(sending)),
        pauses=pauses,
        notice=notice,
        pressure=pressure,
        verifications=VerificationLists(database, clock, verification),
        senders=senders,
        asking=asking,
        loops=loops,
        closers=[*(adapter.close for adapter in systems.values()), token.close, stream.close],
        executor=executor,
        stream=stream,
        relay=relay,
        consumers=consumers,
        metrics=metrics or Metrics(),
        watcher=watcher,
        watch=WatchStatus(database, clock),
        callers=callers,
    )


def _consumers(settings: Settings, stream: Stream) -> dict[str, tuple[str, Consumer]]:
    groups = {f"wanted.{name}": group_of(name) for name in SYSTEMS if getattr(settings.targets, name).enabled}
    if settings.verification.enabled:
        groups["verification.listening"] = "verification"
    return {loop: (group, stream.consumer(group, [WORKER_CHANGED.name])) for loop, group in groups.items()}


def _add_propagation(
    loops: dict[str, Loop],
    settings: Settings,
    systems: dict[SystemName, SystemAdapter],
    consumers: dict[str, tuple[str, Consumer]],
    records: RecordReader,
    database: Database,
    clock: Clock,
    pauses: Pauses,
) -> dict[SystemName, Sender]:
    senders: dict[SystemName, Sender] = {}
    for name, adapter in systems.items():
        limits = target_settings(settings, name)
        sender = Sender(adapter, records, database, clock, limits, pauses)
        senders[name] = sender
        if not getattr(settings.targets, name).enabled:
            continue
        _, consumer = consumers[f"wanted.{name}"]
        loops[f"wanted.{name}"] = WantedLoop(adapter, consumer, records, database, clock, limits, sender.wake).run
        loops[f"sender.{name}"] = sender.run
    return senders


def receiver(intake: Intake, sender: str) -> Callable[[Sequence[Statement]], Coroutine[None, None, list[Receipt]]]:
    """What verification and capture need of intake: statements in, receipts out, under a sender's name."""

    async def receive(statements: Sequence[Statement]) -> list[Receipt]:
        return await intake.receive([Submission(one, sender, one.correlation_id) for one in statements])

    return receive


def _criteria(settings: Settings) -> QualitySettings:
    """The shipped criteria, with a province's own file laid over them. Raises OSError, ValueError for a bad file."""
    file = settings.quality.criteria_file
    return QualitySettings() if file is None else QualitySettings.read(file.read_text("utf-8"))


def _holder() -> str:
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("gateway.loop_ended", loop=task.get_name(), error=repr(task.exception())[:300])
