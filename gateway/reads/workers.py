"""A worker's record, found by number and read by id, with where each group comes from and how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from contracts.canonical import JsonObject
from contracts.identifiers import IdentifierInvalid, OldIdentityNumber, PersonalNumber, SocialInsuranceNumber
from contracts.worker import GROUPS
from gateway.clock import Clock, civil_date
from gateway.errors import ContractViolated, NotFound
from gateway.golden.match import CMND, NAME_BIRTH, PERSONAL_NUMBER, SOCIAL_INSURANCE_NUMBER, Identity
from gateway.permissions import Access, require, require_sight, shown
from gateway.quality import QualitySettings, score_record
from gateway.reads.access import reading_for
from gateway.reads.masking import masked_birth_date, masked_groups, masked_name
from gateway.security.sealing import Vault
from gateway.store.audit import AuditWriter
from gateway.store.records import OpenedWorker, RecordReader
from gateway.store.worker_history import HistoryReader

_Number = type[PersonalNumber] | type[OldIdentityNumber] | type[SocialInsuranceNumber]
_NUMBER_KINDS: dict[str, _Number] = {
    PERSONAL_NUMBER: PersonalNumber,
    CMND: OldIdentityNumber,
    SOCIAL_INSURANCE_NUMBER: SocialInsuranceNumber,
}
FOUND_MAX = 50


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to look for: one number, or name and birth date."""

    personal_number: str | None = None
    cmnd: str | None = None
    social_insurance_number: str | None = None
    full_name: str | None = None
    birth_date: str | None = None


class WorkerReads:
    """The room's answers about people. Its methods block: call them from a worker thread."""

    def __init__(
        self,
        records: RecordReader,
        history: HistoryReader,
        audit: AuditWriter,
        vault: Vault,
        quality: QualitySettings,
        clock: Clock,
    ) -> None:
        self._records = records
        self._history = history
        self._audit = audit
        self._vault = vault
        self._quality = quality
        self._clock = clock

    def lookup(self, wanted: Lookup, access: Access) -> list[JsonObject]:
        """People of the reader's unit with that number or that name and birth date, masked.

        Raises NotPermitted, ContractViolated.
        """
        require(access.caller, "workers.lookup")
        owners = self._records.owners(self._indexes(wanted)).values()
        worker_ids = list(dict.fromkeys(one for theirs in owners for one in theirs))[:FOUND_MAX]
        opened = self._records.read(worker_ids)
        found = {worker_id: one for worker_id, one in opened.items() if access.caller.sees(one.commune)}
        seen = sorted(found)
        told = {"found": len(seen), "worker_ids": seen}
        self._write(access, "worker:looked_up", seen[0] if len(seen) == 1 else "-", told)
        return [_summary(found[worker_id]) for worker_id in worker_ids if worker_id in found]

    def show(self, worker_id: str, access: Access, reveal: bool) -> JsonObject:
        """The record; identity masked unless `reveal`, which the audit names. Raises NotPermitted, NotFound."""
        opened = self._open(worker_id, access, reveal)
        self._write(access, "worker:revealed" if reveal else "worker:read", worker_id, {})
        record = opened.record
        groups = shown(access.caller, record.groups if reveal else masked_groups(record.groups))
        scores = score_record(record.groups, record.provenance, civil_date(self._clock()), self._quality)
        return cast(
            JsonObject,
            {
                "worker_id": record.worker_id,
                "version": record.version,
                "commune": opened.commune,
                "changed_at": opened.changed_at,
                "identity_verified": record.identity_verified,
                "groups": {
                    group: {**asdict(record.provenance[group]), "values": groups[group]}
                    for group in GROUPS
                    if group in groups
                },
                "scores": scores.shown(self._quality),
                "colours": {family: scores.colour(family, self._quality) for family in self._quality.families},
            },
        )

    def history(self, worker_id: str, after: int, limit: int, access: Access) -> list[JsonObject]:
        """Versions above `after`. Raises NotPermitted, NotFound."""
        self._open(worker_id, access, reveal=False)
        self._write(access, "worker:history_read", worker_id, {})
        return [cast(JsonObject, asdict(one)) for one in self._history.versions(worker_id, after, limit)]

    def observations(self, worker_id: str, after: int, limit: int, access: Access, reveal: bool) -> list[JsonObject]:
        """Observations after an id, losing ones included. Raises NotPermitted, NotFound."""
        self._open(worker_id, access, reveal)
        self._write(access, "worker:observations_read", worker_id, {"revealed": reveal})
        found = []
        for one in self._history.observations(worker_id, after, limit):
            body = asdict(one)
            body["groups"] = shown(access.caller, one.groups if reveal else masked_groups(one.groups))
            found.append(cast(JsonObject, body))
        return found

    def _open(self, worker_id: str, access: Access, reveal: bool) -> OpenedWorker:
        require(access.caller, "workers.reveal" if reveal else "workers.read")
        opened = self._records.read([worker_id]).get(worker_id)
        if opened is None:
            raise NotFound("worker-not-found")
        require_sight(access.caller, opened.commune, "worker-not-found")
        return opened

    def _write(self, access: Access, action: str, subject: str, detail: Mapping[str, object]) -> None:
        self._audit.write(access.caller.name, action, subject, reading_for(access).told(**detail))

    def _indexes(self, wanted: Lookup) -> list[bytes]:
        for kind, parse in _NUMBER_KINDS.items():
            value = getattr(wanted, kind)
            if value:
                try:
                    return self._vault.every_index(kind, str.__str__(parse.parse(value)))
                except IdentifierInvalid:
                    raise ContractViolated("identifier-invalid", (kind,)) from None
        if wanted.full_name and wanted.birth_date:
            identity = Identity(None, None, None, wanted.full_name, wanted.birth_date)
            return self._vault.every_index(NAME_BIRTH, identity.values()[NAME_BIRTH])
        raise ContractViolated("lookup-without-criteria", tuple(_NUMBER_KINDS))


def _summary(opened: OpenedWorker) -> JsonObject:
    record = opened.record
    name, birth = record.value("basic", "full_name"), record.value("basic", "birth_date")
    return {
        "worker_id": record.worker_id,
        "version": record.version,
        "full_name": masked_name(name) if isinstance(name, str) else None,
        "birth_year": masked_birth_date(birth) if isinstance(birth, str) else None,
        "commune": opened.commune,
        "identity_verified": record.identity_verified,
    }
