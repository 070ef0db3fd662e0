"""What we claim of a person towards the population system, and its hash. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from contracts.adapter_port import IdentityClaim
from contracts.worker import Groups, Values, WorkerRecord, residence_commune
from gateway.security.sealing import DataKey

INCOMPLETE: Final = "claim-incomplete"


class Opened(Protocol):
    """A record with identity in clear, and its person's key."""

    @property
    def record(self) -> WorkerRecord:
        """The record as it stands."""

    @property
    def key(self) -> DataKey:
        """The key that seals it."""


class Records(Protocol):
    """Where records are read."""

    def read(self, worker_ids: Sequence[str]) -> Mapping[str, Opened]:
        """The records that exist, by worker id. Blocks."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One person's claim; `claim` is None when the record holds too little to ask with."""

    worker_id: str
    claim: IdentityClaim | None
    hash: bytes
    verified: bool
    commune: str | None


def identity_of(opened: Opened) -> Identity:
    """A claim needs a name, a birth date and one of the two numbers."""
    record = opened.record
    claim = _claim(record.groups.get("basic", {}))
    hashed = b"" if claim is None else _hash(opened.key, claim)
    return Identity(record.worker_id, claim, hashed, record.identity_verified, residence_commune(record.groups))


def hash_after(opened: Opened, groups: Groups) -> bytes | None:
    """The hash of the claim that a verified answer makes of this record: it is not asked for again."""
    claim = _claim({**opened.record.groups.get("basic", {}), **groups.get("basic", {})})
    return None if claim is None else _hash(opened.key, claim)


def groups_of(claim: IdentityClaim) -> Groups:
    """A claim as a statement's groups, for an answer that says yes and nothing more."""
    basic: Values = {field: value for field, value in asdict(claim).items() if value is not None}
    return {"basic": basic}


def _claim(basic: Values) -> IdentityClaim | None:
    name, born = _text(basic, "full_name"), _text(basic, "birth_date")
    number, cmnd = _text(basic, "personal_number"), _text(basic, "cmnd")
    if name is None or born is None or (number is None and cmnd is None):
        return None
    return IdentityClaim(name, born, _text(basic, "sex"), number, cmnd)


def _text(basic: Values, field: str) -> str | None:
    value = basic.get(field)
    return value if isinstance(value, str) and value else None


def _hash(key: DataKey, claim: IdentityClaim) -> bytes:
    return key.state_hash(asdict(claim))
