"""Who may call is decided by two people: one proposes, another confirms. Taking rights away needs one, at once.

That holds for rights and for keys alike: whoever could give himself somebody's key would have that person's rights. And
for the house keys, on which all of that rests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

import orjson
from sqlalchemy import Connection

from contracts.agency import AgencyCode, AgencyCodeInvalid
from gateway.callers.keys import KEY_DAYS_MAX, IssuedKey, make_key, read_public_keys
from gateway.callers.rights import check_rights
from gateway.clock import Clock, instant
from gateway.errors import ContractViolated, NotFound, NotPermitted
from gateway.permissions import Caller, require
from gateway.store import approvals, audit
from gateway.store import callers as rows
from gateway.store.approvals import Approval
from gateway.store.callers import CallerKey, CallerRow, Rights
from gateway.store.engine import Database

RIGHTS: Final = "callers:rights"
KEY: Final = "callers:key"
PUBLIC_KEYS: Final = "callers:public-keys"
ROTATION: Final = "house:rotate-key"
ACTIONS: Final = (RIGHTS, KEY, PUBLIC_KEYS, ROTATION)
HOUSE_KEYS: Final = ("key_encryption", "index")
CONFIRM_WITHIN: Final = dt.timedelta(hours=72)
AGENCY_NAME_LENGTH_MAX: Final = 200
ADMINISTRATORS_MIN: Final = 2
_NO_REFERENCE: Final = "-"
Decision: TypeAlias = Literal["confirmed", "refused"]
_TOLD_AS: Final[Mapping[Decision, str]] = {"confirmed": "caller:confirmed", "refused": "caller:refused"}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an order: `proposal` waits for a second person; without one it is done. `key` is told once."""

    proposal: int | None
    key: IssuedKey | None = None


class Administration:
    """Blocks on the store: call from a worker thread. Every act leaves an audit row in its own transaction."""

    def __init__(self, database: Database, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        """`changed`: called after every change, so that this process knows at once."""
        self._database = database
        self._clock = clock
        self._changed = changed

    def agencies(self, by: Caller) -> dict[str, str]:
        """Code -> name."""
        require(by, "callers.read")
        with self._database.read() as connection:
            return rows.all_agencies(connection)

    def register_agency(self, code: str, name: str, by: Caller) -> str:
        """Add an agency or rename it; its code in the short spelling. Raises ContractViolated."""
        require(by, "callers.manage")
        try:
            short = AgencyCode.parse(code).short
        except AgencyCodeInvalid:
            raise ContractViolated("caller-invalid", ("code", "H35.1.2")) from None
        if not name.strip() or len(name) > AGENCY_NAME_LENGTH_MAX or not name.isprintable():
            raise ContractViolated("caller-invalid", ("name", f"1..{AGENCY_NAME_LENGTH_MAX}"))
        at = instant(self._clock())
        with self._database.write() as connection:
            rows.put_agency(connection, short, name.strip(), at)
            audit.add(connection, at, by.name, "agency:registered", short, {})
        return short

    def everybody(self, kind: str | None, by: Caller) -> list[CallerRow]:
        """Callers by name."""
        require(by, "callers.read")
        with self._database.read() as connection:
            return [row for row in rows.everybody(connection) if kind in (None, row.rights.kind)]

    def show(self, name: str, by: Caller) -> tuple[CallerRow, list[CallerKey]]:
        """One caller with its keys, which show no secret. Raises NotFound."""
        require(by, "callers.read")
        with self._database.read() as connection:
            row = rows.find(connection, name)
            if row is None:
                raise NotFound("caller-not-found")
            return row, rows.keys(connection, name)

    def propose(self, name: str, rights: Rights, by: Caller) -> Done:
        """A new caller, or other rights of one. Raises NotPermitted, ContractViolated."""
        return self._order(RIGHTS, name, asdict(rights), by)

    def issue_key(self, name: str, days: int, by: Caller) -> Done:
        """A new secret key, told to whoever makes it so, and never again: only its digest is kept.

        Raises NotPermitted, NotFound, ContractViolated.
        """
        if not 1 <= days <= KEY_DAYS_MAX:
            raise ContractViolated("caller-invalid", ("days", f"1..{KEY_DAYS_MAX}"))
        return self._order(KEY, name, {"days": days}, by)

    def set_public_keys(self, name: str, jwks: Mapping[str, Any], by: Caller) -> Done:
        """The client's public keys are these from then on. To rotate: first both, then the new one alone.

        Raises NotPermitted, NotFound, ContractViolated.
        """
        return self._order(PUBLIC_KEYS, name, read_public_keys(jwks), by)

    def propose_rotation(self, key: str, by: Caller) -> Done:
        """That a house key be replaced: whoever has the server then does it once (`lgsp keys rotate --approval`).

        Raises NotPermitted, ContractViolated.
        """
        require(by, "keys.rotate")
        if key not in HOUSE_KEYS:
            raise ContractViolated("shape-invalid", ("key", "|".join(HOUSE_KEYS)))
        return self._order(ROTATION, key, {}, by)

    def proposals(self, by: Caller) -> list[Approval]:
        """Those that wait for a second person, newest first."""
        require(by, "callers.read")
        with self._database.read() as connection:
            found = approvals.newest(connection, ACTIONS, instant(self._clock()))
        return [one for one in found if one.state == "requested"]

    def decide(self, number: int, decision: Decision, by: Caller) -> tuple[Approval, IssuedKey | None]:
        """Confirm or refuse what another proposed; with the key, if that is what was confirmed.

        Raises NotFound, Conflict, NotPermitted(second-person-needed).
        """
        require(by, "callers.confirm")
        at = instant(self._clock())
        key: IssuedKey | None = None
        with self._database.write() as connection:
            asked = approvals.lock_open(connection, ACTIONS, number, at)
            # Neither whoever asked nor whoever would get the rights can be the second person.
            if decision == "confirmed" and by.name in (asked.requested_by, asked.subject):
                raise NotPermitted("second-person-needed", (asked.requested_by,))
            approvals.decide(connection, number, decision, by.name, at)
            told = {"proposal": number, "proposed_by": asked.requested_by, "act": asked.action}
            audit.add(connection, at, by.name, _TOLD_AS[decision], asked.subject, told)
            if decision == "confirmed":
                key = self._apply(connection, asked.action, asked.subject, orjson.loads(asked.content), by.name, at)
        self._changed()
        return asked, key

    def disable(self, name: str, by: Caller) -> None:
        """End a caller's rights and tokens. Raises NotFound."""
        require(by, "callers.manage")
        at = instant(self._clock())
        with self._database.write() as connection:
            if rows.lock(connection, name) is None:
                raise NotFound("caller-not-found")
            rows.disable(connection, name, at)
            audit.add(connection, at, by.name, "caller:disabled", name, {})
        self._changed()

    def withdraw_key(self, name: str, key_id: str, by: Caller) -> None:
        """End one key, and every token of its caller. Raises NotFound."""
        require(by, "callers.manage")
        at = instant(self._clock())
        with self._database.write() as connection:
            if not rows.withdraw(connection, name, key_id, at):
                raise NotFound("key-not-found")
            audit.add(connection, at, by.name, "caller:key_withdrawn", name, {"key": key_id})
        self._changed()

    def _order(self, action: str, name: str, content: Mapping[str, Any], by: Caller) -> Done:
        """Write a proposal down; or on the first day do it at once.

        Until two administrators hold keys there is nobody to be the second person, and the installation's own token
        stands for both.
        """
        require(by, "callers.manage")
        now = self._clock()
        at = instant(now)
        with self._database.write() as connection:
            _check(connection, action, name, content)
            alone = rows.count_with_keys(connection, "administrator", at) < ADMINISTRATORS_MIN
            if by.role == "installation" and alone:
                said = {"proposal": None, "proposed_by": by.name, "act": action}
                audit.add(connection, at, by.name, "caller:confirmed", name, said)
                done = Done(None, self._apply(connection, action, name, content, by.name, at))
            else:
                asked = approvals.request(
                    connection,
                    action,
                    name,
                    _NO_REFERENCE,
                    by.name,
                    at,
                    instant(now + CONFIRM_WITHIN),
                    orjson.dumps(content).decode(),
                )
                audit.add(connection, at, by.name, "caller:proposed", name, {"proposal": asked.id, "act": action})
                done = Done(asked.id)
        self._changed()
        return done

    def _apply(
        self, connection: Connection, action: str, name: str, content: Mapping[str, Any], by: str, at: str
    ) -> IssuedKey | None:
        # What was sound when it was proposed may not be any more.
        _check(connection, action, name, content)
        if action == ROTATION:
            return None
        if action == RIGHTS:
            rights = rights_of(content)
            rows.put(connection, name, rights, at)
            told = asdict(rights) | {"addresses": list(rights.addresses)}
            audit.add(connection, at, by, "caller:changed", name, told)
            return None
        if action == PUBLIC_KEYS:
            _replace_public_keys(connection, name, content, by, at)
            return None
        row = rows.lock(connection, name)
        assert row is not None, "checked above"
        made = make_key(row.rights.kind, instant(self._clock() + dt.timedelta(days=content["days"])))
        _add_key(connection, CallerKey(made.key_id, name, made.kind, made.digest, None, at, made.expires_at, None), by)
        return made


def rights_of(content: Mapping[str, Any]) -> Rights:
    """Rights as a proposal holds them."""
    return Rights(**{**content, "addresses": tuple(content["addresses"])})


def _check(connection: Connection, action: str, name: str, content: Mapping[str, Any]) -> None:
    """Raises NotFound, ContractViolated."""
    if action == ROTATION:
        return
    existing = rows.lock(connection, name)
    if action == RIGHTS:
        rights = rights_of(content)
        check_rights(name, rights, rows.all_agencies(connection))
        if existing is not None and existing.rights.kind != rights.kind:
            raise ContractViolated("caller-invalid", ("name", existing.rights.kind))
        return
    if existing is None or (action == PUBLIC_KEYS and existing.rights.kind != "client"):
        raise NotFound("caller-not-found")
    if action == PUBLIC_KEYS:
        used = {key.key_id for key in rows.keys(connection) if key.caller != name or key.withdrawn_at is not None}
        if not used.isdisjoint(content):
            raise ContractViolated("caller-invalid", ("keys", "used before"))


def _replace_public_keys(connection: Connection, name: str, given: Mapping[str, str], by: str, at: str) -> None:
    held = {key.key_id for key in rows.keys(connection, name) if key.kind == "jwk" and key.holds(at)}
    for key_id in sorted(held - set(given)):
        rows.withdraw(connection, name, key_id, at)
        audit.add(connection, at, by, "caller:key_withdrawn", name, {"key": key_id})
    for key_id in sorted(set(given) - held):
        _add_key(connection, CallerKey(key_id, name, "jwk", None, given[key_id], at, None, None), by)


def _add_key(connection: Connection, key: CallerKey, by: str) -> None:
    rows.add_key(connection, key)
    told = {"key": key.key_id, "kind": key.kind, "expires_at": key.expires_at}
    audit.add(connection, key.created_at, by, "caller:key_issued", key.caller, told)
