"""Callers and their keys, as rows. What a key is worth is known by its digest alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import orjson
from sqlalchemy import Connection, RowMapping, delete, distinct, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from gateway.permissions import Caller
from gateway.store.schema_callers import agencies, assertions_heard, caller_keys, callers

Kind: TypeAlias = Literal["client", "person"]
KeyKind: TypeAlias = Literal["cli", "lgsp", "jwk"]


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller is: the part that two people decide. `addresses`: networks (RFC 4632), empty for any."""

    kind: Kind
    agency: str
    unit: str
    role: str
    tier: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerRow:
    """A caller as stored. Instants are UTC text; tokens issued before `tokens_after` are void."""

    name: str
    rights: Rights
    state: str
    created_at: str
    changed_at: str
    tokens_after: str

    @property
    def caller(self) -> Caller:
        """As rooms see it."""
        rights = self.rights
        return Caller(self.name, rights.agency, rights.unit, rights.role, rights.tier)


@dataclass(frozen=True, slots=True)
class CallerKey:
    """One key. `digest` for secrets, `jwk` for public keys."""

    key_id: str
    caller: str
    kind: KeyKind
    digest: bytes | None
    jwk: str | None
    created_at: str
    expires_at: str | None
    withdrawn_at: str | None

    def holds(self, at: str) -> bool:
        """Whether it is neither withdrawn nor expired."""
        return self.withdrawn_at is None and (self.expires_at is None or at < self.expires_at)


def stamp(connection: Connection) -> tuple[int, str | None]:
    """Changes whenever a caller or a key does."""
    row = connection.execute(select(func.count(), func.max(callers.c.changed_at))).one()
    return row[0], row[1]


def everybody(connection: Connection) -> list[CallerRow]:
    """All callers by name."""
    return [_caller(row) for row in connection.execute(select(callers).order_by(callers.c.name)).mappings()]


def find(connection: Connection, name: str) -> CallerRow | None:
    """One caller, or None."""
    row = connection.execute(select(callers).where(callers.c.name == name)).mappings().first()
    return None if row is None else _caller(row)


def lock(connection: Connection, name: str) -> CallerRow | None:
    """One caller, locked until the transaction ends."""
    query = select(callers).where(callers.c.name == name).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _caller(row)


def put(connection: Connection, name: str, rights: Rights, at: str) -> None:
    """Add a caller, or give one that exists these rights, disabled or not; its tokens then end."""
    values = {**_told(rights), "state": "active", "changed_at": at, "tokens_after": at}
    if connection.execute(update(callers).where(callers.c.name == name).values(values)).rowcount == 0:
        connection.execute(insert(callers), {**values, "name": name, "created_at": at})


def disable(connection: Connection, name: str, at: str) -> None:
    """No rights any more, and every token issued before is void."""
    changed = {"state": "disabled", "changed_at": at, "tokens_after": at}
    connection.execute(update(callers).where(callers.c.name == name).values(changed))


def count_with_keys(connection: Connection, role: str, at: str) -> int:
    """How many active callers of a role hold a key that has not ended."""
    key = caller_keys.c
    holds = key.withdrawn_at.is_(None) & or_(key.expires_at.is_(None), key.expires_at > at)
    query = (
        select(func.count(distinct(callers.c.name)))
        .join(caller_keys, key.caller == callers.c.name)
        .where(callers.c.role == role, callers.c.state == "active", holds)
    )
    return connection.execute(query).scalar_one()


def keys(connection: Connection, caller: str | None = None) -> list[CallerKey]:
    """All keys, or one caller's, oldest first."""
    query = select(caller_keys).order_by(caller_keys.c.created_at, caller_keys.c.key_id)
    if caller is not None:
        query = query.where(caller_keys.c.caller == caller)
    return [CallerKey(**row) for row in connection.execute(query).mappings()]


def add_key(connection: Connection, key: CallerKey) -> None:
    """A new key; processes hear of it as of any change of the caller."""
    connection.execute(insert(caller_keys), asdict(key))
    _touch(connection, key.caller, key.created_at)


def withdraw(connection: Connection, caller: str, key_id: str, at: str) -> bool:
    """End a key and the tokens that it was good for; False when there is no such key, or it has ended."""
    query = update(caller_keys).where(
        caller_keys.c.caller == caller, caller_keys.c.key_id == key_id, caller_keys.c.withdrawn_at.is_(None)
    )
    if connection.execute(query.values(withdrawn_at=at)).rowcount == 0:
        return False
    connection.execute(update(callers).where(callers.c.name == caller).values(tokens_after=at, changed_at=at))
    return True


def hear(connection: Connection, digest: bytes, expires_at: str, now: str) -> bool:
    """Note an assertion; False when it was heard before. Those that have expired are forgotten."""
    connection.execute(delete(assertions_heard).where(assertions_heard.c.expires_at < now))
    try:
        with connection.begin_nested():
            connection.execute(insert(assertions_heard), {"digest": digest, "expires_at": expires_at})
    except IntegrityError:
        return False
    return True


def all_agencies(connection: Connection) -> dict[str, str]:
    """Code -> name."""
    return dict(connection.execute(select(agencies.c.code, agencies.c.name).order_by(agencies.c.code)).tuples().all())


def put_agency(connection: Connection, code: str, name: str, at: str) -> None:
    """Add an agency, or give it another name."""
    if connection.execute(update(agencies).where(agencies.c.code == code).values(name=name)).rowcount == 0:
        connection.execute(insert(agencies), {"code": code, "name": name, "created_at": at})


def _touch(connection: Connection, name: str, at: str) -> None:
    connection.execute(update(callers).where(callers.c.name == name).values(changed_at=at))


def _told(rights: Rights) -> dict[str, object]:
    return {**asdict(rights), "addresses": orjson.dumps(rights.addresses).decode()}


def _caller(row: RowMapping) -> CallerRow:
    rights = Rights(
        row["kind"], row["agency"], row["unit"], row["role"], row["tier"], tuple(orjson.loads(row["addresses"]))
    )
    return CallerRow(row["name"], rights, row["state"], row["created_at"], row["changed_at"], row["tokens_after"])
