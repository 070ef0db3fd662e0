"""Who may call is decided by two people: one proposes, another confirms. Taking rights away needs one, at once."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from contracts.agency import AgencyCode, AgencyCodeInvalid
from contracts.communes import ALL as COMMUNES
from contracts.communes import PROVINCE_CODE
from gateway.callers.directory import digest_of
from gateway.clock import Clock, instant
from gateway.errors import Conflict, ContractViolated, NotFound, NotPermitted
from gateway.permissions import ROLES, TIERS, Caller, require
from gateway.store import audit
from gateway.store import callers as rows
from gateway.store.callers import CallerKey, CallerRow, Proposal, Rights
from gateway.store.engine import Database

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,62}")
# A tier without a limit is for the installation itself: one caller must not take all there is.
_TIERS: Final = tuple(name for name, tier in TIERS.items() if tier.requests_per_s)
AGENCY_NAME_LENGTH_MAX: Final = 200
KEY_DAYS_MAX: Final = 366
ADDRESSES_MAX: Final = 16
JWKS_MAX: Final = 8
_RSA_BITS_MIN: Final = 2_048
_ADMINISTRATORS_MIN: Final = 2
_COMMUNE_CODES: Final = frozenset(commune.code for commune in COMMUNES)
_RESERVED: Final = frozenset({"local", "gateway", "verification", "capture"})
Confirm: TypeAlias = Literal["confirmed", "refused"]


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it is shown once: `secret` for people; AccessKey and SecretKey for programs of the LGSP profile."""

    key_id: str
    kind: str
    expires_at: str | None
    secret: str | None = None
    access_key: str | None = None
    secret_key: str | None = None


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
        at = self._now()
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
            row = next((row for row in rows.everybody(connection) if row.name == name), None)
            keys = rows.keys(connection, name)
        if row is None:
            raise NotFound("caller-not-found")
        return row, keys

    def propose(self, name: str, rights: Rights, by: Caller) -> int | None:
        """Ask for a new caller, or for other rights of one; the proposal's number, or None when it is done at once.

        At once only on the first day: until two administrators are active there is nobody to be the second person, and
        the installation's own token stands for both. Raises ContractViolated.
        """
        require(by, "callers.manage")
        at = self._now()
        with self._database.write() as connection:
            _check(name, rights, rows.all_agencies(connection))
            existing = rows.lock(connection, name)
            if existing is not None and existing.rights.kind != rights.kind:
                raise ContractViolated("caller-invalid", ("name", existing.rights.kind))
            number = rows.propose(connection, name, rights, by.name, at)
            audit.add(connection, at, by.name, "caller:proposed", name, {"proposal": number, **_told(rights)})
            alone = rows.count_active(connection, "administrator") < _ADMINISTRATORS_MIN
            if not (by.role == "installation" and alone):
                return number
            self._apply(connection, number, name, rights, by.name, by.name, at)
        self._changed()
        return None

    def proposals(self, by: Caller) -> list[Proposal]:
        """Those that wait for a second person."""
        require(by, "callers.read")
        with self._database.read() as connection:
            return rows.proposals(connection)

    def decide(self, number: int, decision: Confirm, by: Caller) -> Proposal:
        """Confirm or refuse what another proposed. Raises NotFound, Conflict, NotPermitted(second-person-needed)."""
        require(by, "callers.confirm")
        at = self._now()
        with self._database.write() as connection:
            found = rows.lock_proposal(connection, number)
            if found is None:
                raise NotFound("proposal-not-found")
            if found.state != "proposed":
                raise Conflict("proposal-already-decided")
            if decision == "confirmed":
                # Neither whoever asked nor whoever would get the rights can be the second person.
                if by.name in (found.proposed_by, found.caller):
                    raise NotPermitted("second-person-needed", (found.proposed_by,))
                self._apply(connection, number, found.caller, found.rights, found.proposed_by, by.name, at)
            else:
                rows.decide(connection, number, "refused", by.name, at)
                audit.add(connection, at, by.name, "caller:refused", found.caller, {"proposal": number})
        self._changed()
        return found

    def disable(self, name: str, by: Caller) -> None:
        """End a caller's rights and tokens. Raises NotFound."""
        require(by, "callers.manage")
        at = self._now()
        with self._database.write() as connection:
            if rows.lock(connection, name) is None:
                raise NotFound("caller-not-found")
            rows.set_state(connection, name, "disabled", at)
            audit.add(connection, at, by.name, "caller:disabled", name, {})
        self._changed()

    def issue_key(self, name: str, days: int, by: Caller) -> IssuedKey:
        """A new secret key, told now and never again: only its digest is kept. Raises NotFound, ContractViolated."""
        require(by, "callers.manage")
        if not 1 <= days <= KEY_DAYS_MAX:
            raise ContractViolated("caller-invalid", ("days", f"1..{KEY_DAYS_MAX}"))
        at = self._clock()
        expires_at = instant(at + dt.timedelta(days=days))
        with self._database.write() as connection:
            row = rows.lock(connection, name)
            if row is None:
                raise NotFound("caller-not-found")
            made, digest = _person_key(expires_at) if row.rights.kind == "person" else _lgsp_key(expires_at)
            kind: rows.KeyKind = "cli" if row.rights.kind == "person" else "lgsp"
            rows.add_key(connection, CallerKey(made.key_id, name, kind, digest, None, instant(at), expires_at, None))
            told = {"key": made.key_id, "kind": kind, "expires_at": expires_at}
            audit.add(connection, instant(at), by.name, "caller:key_issued", name, told)
        self._changed()
        return made

    def set_public_keys(self, name: str, jwks: Mapping[str, Any], by: Caller) -> list[str]:
        """The client's public keys are these from now on; their ids. To rotate: first both, then the new one alone.

        Raises NotFound, ContractViolated.
        """
        require(by, "callers.manage")
        given = _public_keys(jwks)
        at = self._now()
        with self._database.write() as connection:
            row = rows.lock(connection, name)
            if row is None or row.rights.kind != "client":
                raise NotFound("caller-not-found")
            held = {key.key_id for key in rows.keys(connection, name) if key.kind == "jwk" and key.holds(at)}
            for key_id in sorted(held - set(given)):
                rows.withdraw(connection, name, key_id, at)
                audit.add(connection, at, by.name, "caller:key_withdrawn", name, {"key": key_id})
            for key_id in sorted(set(given) - held):
                if any(key.key_id == key_id for key in rows.keys(connection)):
                    raise ContractViolated("caller-invalid", ("keys", "used before"))
                rows.add_key(connection, CallerKey(key_id, name, "jwk", None, given[key_id], at, None, None))
                told = {"key": key_id, "kind": "jwk", "expires_at": None}
                audit.add(connection, at, by.name, "caller:key_issued", name, told)
        self._changed()
        return sorted(given)

    def withdraw_key(self, name: str, key_id: str, by: Caller) -> None:
        """End one key, and every token of its caller. Raises NotFound."""
        require(by, "callers.manage")
        at = self._now()
        with self._database.write() as connection:
            if not rows.withdraw(connection, name, key_id, at):
                raise NotFound("key-not-found")
            audit.add(connection, at, by.name, "caller:key_withdrawn", name, {"key": key_id})
        self._changed()

    def _apply(
        self, connection: Any, number: int, name: str, rights: Rights, proposed_by: str, decided_by: str, at: str
    ) -> None:
        rows.decide(connection, number, "confirmed", decided_by, at)
        rows.put(connection, name, rights, at)
        told = {"proposal": number, "proposed_by": proposed_by, **_told(rights)}
        audit.add(connection, at, decided_by, "caller:confirmed", name, told)

    def _now(self) -> str:
        return instant(self._clock())


def _told(rights: Rights) -> dict[str, object]:
    return asdict(rights) | {"addresses": list(rights.addresses)}


def _check(name: str, rights: Rights, agencies: Mapping[str, str]) -> None:
    """Raises ContractViolated(caller-invalid) naming the member and what it may be."""
    role = ROLES.get(rights.role)
    roles = [known for known, text in ROLES.items() if text.kind == rights.kind]
    wanted = PROVINCE_CODE if role is not None and role.unit == "province" else "province | commune"
    faults = {
        "name": (NAME.fullmatch(name) is not None and name not in _RESERVED, "a-z 0-9 - _, 2..63"),
        "kind": (rights.kind in ("client", "person"), "client|person"),
        "agency": (rights.agency in agencies, "|".join(agencies) or "lgsp agencies add"),
        "role": (rights.role in roles, "|".join(roles)),
        "unit": (role is None or _fits(rights.unit, role.unit), wanted),
        "tier": (rights.tier in _TIERS, "|".join(_TIERS)),
        "addresses": (_are_networks(rights.addresses), "10.0.0.0/8"),
    }
    for member, (holds, hint) in faults.items():
        if not holds:
            raise ContractViolated("caller-invalid", (member, hint))


def _fits(unit: str, wanted: str) -> bool:
    is_province, is_commune = unit == PROVINCE_CODE, unit in _COMMUNE_CODES
    return {"province": is_province, "commune": is_commune, "any": is_province or is_commune}[wanted]


def _are_networks(addresses: tuple[str, ...]) -> bool:
    try:
        return len(addresses) <= ADDRESSES_MAX and all(ipaddress.ip_network(one) is not None for one in addresses)
    except ValueError:
        return False


def _person_key(expires_at: str) -> tuple[IssuedKey, bytes]:
    secret = f"lgsp_{secrets.token_urlsafe(32)}"
    return IssuedKey(_key_id(), "cli", expires_at, secret=secret), digest_of(secret)


def _lgsp_key(expires_at: str) -> tuple[IssuedKey, bytes]:
    access, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    made = IssuedKey(_key_id(), "lgsp", expires_at, access_key=access, secret_key=secret)
    return made, digest_of(f"{access}:{secret}")


def _key_id() -> str:
    return secrets.token_hex(8)


def _public_keys(jwks: Mapping[str, Any]) -> dict[str, str]:
    """Thumbprint (shortened) -> public JWK. Raises ContractViolated for private, weak or unreadable keys."""
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not 1 <= len(listed) <= JWKS_MAX:
        raise ContractViolated("caller-invalid", ("keys", f"1..{JWKS_MAX}"))
    found: dict[str, str] = {}
    for jwk in listed:
        try:
            key = import_key(jwk)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ContractViolated("caller-invalid", ("keys", "JWK (RFC 7517)")) from None
        if not isinstance(key, ECKey | OKPKey | RSAKey) or key.is_private:
            raise ContractViolated("caller-invalid", ("keys", "public EC, OKP or RSA"))
        if isinstance(key, RSAKey) and key.raw_value.key_size < _RSA_BITS_MIN:
            raise ContractViolated("caller-invalid", ("keys", f"RSA >= {_RSA_BITS_MIN}"))
        found[_short(key.thumbprint())] = orjson.dumps(key.as_dict(private=False)).decode()
    return found


def _short(thumbprint: str) -> str:
    return base64.urlsafe_b64decode(thumbprint + "=")[:16].hex()
