"""Everything that needs no lock: is it well formed, permitted in scope, believable, and by what could it be matched?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson

from contracts.canonical import JsonObject
from contracts.entry import Entry, Finding, Receipt, Report, Statement
from contracts.forms import check, to_groups
from gateway.clock import civil_date, instant
from gateway.golden.match import Identity, identity_of
from gateway.golden.merge import Observation
from gateway.intake.ids import EntryIds
from gateway.intake.statements import payload_of
from gateway.intake.submission import Submission
from gateway.quality import QualitySettings, Subject, Verdict, future, judge
from gateway.security.sealing import Vault
from gateway.store.schema import UNIQUE_KINDS

_ENVELOPE: Final = tuple(name for name in Entry.model_fields if name not in {"fields", "key"})


@dataclass(slots=True)
class Prepared:
    """An entry ready to be matched and folded. `indexes`: identifier kind → keyed index."""

    submission: Submission
    entry_id: str
    received_at: str
    observation: Observation
    identity: Identity
    indexes: dict[str, bytes]
    verdict: Verdict
    key_index: bytes | None
    body_digest: bytes
    envelope: str
    payload: JsonObject
    form: str | None
    commune: str | None
    replaces: str | None
    index_key: str
    """Id of the key of `indexes`."""
    marks: frozenset[bytes]
    """By these the erasure ledger knows the person again."""

    @property
    def quarantined(self) -> bool:
        """Doubted by a rule, and not released by a person."""
        return self.verdict.quarantined and self.submission.decision is None

    @property
    def report(self) -> Report | None:
        """What a target is known to hold since this entry."""
        content = self.submission.content
        return content.report if isinstance(content, Statement) else None

    @property
    def says_nothing(self) -> bool:
        """A target told what it holds, and nothing of the person: nobody comes to be known by it."""
        return not self.observation.groups


class Preparation:
    """Prepares submissions; holds what is the same for all of them."""

    def __init__(self, vault: Vault, quality: QualitySettings) -> None:
        self._vault = vault
        self._quality = quality
        self._ids = EntryIds()
        # A slice has one instant.
        self._today = lru_cache(maxsize=2)(civil_date)
        self._instant = lru_cache(maxsize=2)(instant)

    def prepare(self, submission: Submission, now: dt.datetime) -> Prepared | Receipt:
        """A prepared entry, or the receipt that refuses it. Pure but for new ids."""
        content = submission.content
        if isinstance(content, Statement):
            return self._prepare_statement(submission, content, now)
        return self._prepare_entry(submission, content, now)

    def _prepare_entry(self, submission: Submission, entry: Entry, now: dt.datetime) -> Prepared | Receipt:
        faults = check(entry.form, entry.fields)
        if faults:
            return _refused(entry.key, faults[0].rule, tuple(fault.field for fault in faults))
        groups = to_groups(entry.form, entry.fields, entry.declared_on)
        subject = Subject(
            entry.form, entry.fields, groups, entry.declared_on, self._today(now), self._quality, entry.collected_on
        )
        if future(subject):
            return _refused(entry.key, "future-date", ("declared_on",))
        verdict = judge(subject)
        if verdict.out_of_scope:
            return _refused(entry.key, verdict.out_of_scope, ())
        envelope = {name: value for name in _ENVELOPE if (value := getattr(entry, name)) is not None}
        observation = Observation(
            speaker=f"form:{entry.form}",
            source="form",
            as_of=entry.declared_on,
            order=self._order(submission),
            observed_at=self._instant(now),
            groups=groups,
            replaces=entry.replaces is not None,
        )
        return self._prepared(
            submission, observation, verdict, orjson.dumps(envelope).decode(), entry.fields, entry.form, entry.commune
        )

    def _prepare_statement(self, submission: Submission, statement: Statement, now: dt.datetime) -> Prepared | Receipt:
        subject = Subject(None, {}, statement.groups, statement.as_of, self._today(now), self._quality)
        if future(subject):
            return _refused(statement.key, "future-date", ("as_of",))
        verdict = judge(subject)
        # The population database's own feed is its word on who a person is, as much as an answer to a question is.
        verified = statement.verified or (statement.source == "population" and "basic" in statement.groups)
        observation = Observation(
            speaker=statement.source,
            source=statement.source,
            as_of=statement.as_of,
            order=self._order(submission),
            observed_at=self._instant(now),
            groups=statement.groups,
            verified=verified,
        )
        envelope = orjson.dumps({"update_source": "other_database", "verified": statement.verified}).decode()
        return self._prepared(submission, observation, verdict, envelope, payload_of(statement), None, None)

    def index_anew(self, entries: Sequence[Prepared], index_key: str) -> bool:
        """The index key has turned: index these entries by it; False when it is none that we have (yet)."""
        if not self._vault.turn(index_key):
            return False
        for entry in entries:
            entry.indexes, entry.index_key = self._indexes(entry.identity), index_key
        return True

    def _indexes(self, identity: Identity) -> dict[str, bytes]:
        return {kind: self._vault.index(kind, value) for kind, value in identity.values().items()}

    def _order(self, submission: Submission) -> str:
        return submission.decision.entry_id if submission.decision else self._ids.new()

    def _prepared(
        self,
        submission: Submission,
        observation: Observation,
        verdict: Verdict,
        envelope: str,
        payload: JsonObject,
        form: str | None,
        commune: str | None,
    ) -> Prepared:
        content = submission.content
        index_key = self._vault.index_key
        identity = identity_of(observation.groups, content.person if isinstance(content, Statement) else None)
        key = submission.key
        return Prepared(
            submission=submission,
            entry_id=observation.order,
            received_at=observation.observed_at,
            observation=observation,
            identity=identity,
            indexes=self._indexes(identity),
            index_key=index_key,
            verdict=verdict,
            key_index=self._vault.sender_key_index(submission.sender, key) if key is not None else None,
            body_digest=self._vault.body_digest(_body(envelope, payload)),
            envelope=envelope,
            payload=payload,
            form=form,
            commune=commune,
            replaces=content.replaces if isinstance(content, Entry) else None,
            marks=erasure_marks(self._vault, identity.values()),
        )


def erasure_marks(vault: Vault, values: Mapping[str, str]) -> frozenset[bytes]:
    """Marks of what belongs to one person alone; namesakes and shared old numbers are nobody's mark."""
    return frozenset(vault.erasure_mark(kind, values[kind]) for kind in UNIQUE_KINDS if kind in values)


def _body(envelope: str, payload: JsonObject) -> bytes:
    # Sorted, so that the same content with its members in another order is the same body.
    return envelope.encode() + orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def _refused(key: str | None, problem: str, fields: tuple[str, ...], findings: tuple[Finding, ...] = ()) -> Receipt:
    return Receipt(id=None, state="refused", problem=problem, fields=fields, findings=findings, key=key)
