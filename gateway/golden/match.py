"""Whom is an entry about? By personal number; by CMND + name + birth date only as a candidate; in doubt, nobody.

Pure: the caller looks the keyed indexes up and passes the owners. A doubt is a finding of severity `refuse`, so that
the entry is quarantined; two people are never merged silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.adapter_port import PersonKey
from contracts.dates import year_of
from contracts.entry import Finding
from contracts.identifiers import IdentifierInvalid, OldIdentityNumber, PersonalNumber, SocialInsuranceNumber
from contracts.names import same_name, search_key
from contracts.worker import Groups, Source

PERSONAL_NUMBER = "personal_number"
SOCIAL_INSURANCE_NUMBER = "social_insurance_number"
CMND_PERSON = "cmnd_person"
CMND = "cmnd"
NAME_BIRTH = "name_birth"

Owners = Mapping[str, Sequence[str]]
"""Identifier kind → workers that hold the entry's value of that kind now."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies the person of an entry; each value is well-formed or None.

    `contradicted`: another system's key and what it says of the person name two different numbers.
    """

    personal_number: str | None
    cmnd: str | None
    social_insurance_number: str | None
    full_name: str | None
    birth_date: str | None
    contradicted: bool = False

    def values(self) -> dict[str, str]:
        """The value to index, by identifier kind."""
        found: dict[str, str] = {}
        if self.personal_number:
            found[PERSONAL_NUMBER] = self.personal_number
        if self.social_insurance_number:
            found[SOCIAL_INSURANCE_NUMBER] = self.social_insurance_number
        if self.cmnd:
            found[CMND] = self.cmnd
        if self.full_name and self.birth_date:
            found[NAME_BIRTH] = f"{search_key(self.full_name)}|{self.birth_date}"
            if self.cmnd:
                found[CMND_PERSON] = f"{self.cmnd}|{found[NAME_BIRTH]}"
        return found

    @property
    def anchor(self) -> str | None:
        """The kind of identifier that makes this person exist once; None when nothing can."""
        if self.personal_number:
            return PERSONAL_NUMBER
        return CMND_PERSON if self.cmnd and self.full_name and self.birth_date else None


@dataclass(frozen=True, slots=True)
class Match:
    """`worker_id` of the person found; None with `doubt` None means a person not known yet."""

    worker_id: str | None = None
    doubt: Finding | None = None
    remarks: tuple[Finding, ...] = ()


def identity_of(groups: Groups, person: PersonKey | None = None) -> Identity:
    """The identity an entry claims; malformed numbers count as none (a rule has already found them).

    `person`: another system's key, of which only the number that it is found by there counts: the rest are copies.
    """
    basic = groups.get("basic", {})
    insurance = groups.get("insurance", {})
    said = Identity(
        personal_number=_well_formed(PersonalNumber, basic.get("personal_number")),
        cmnd=_well_formed(OldIdentityNumber, basic.get("cmnd")),
        social_insurance_number=_well_formed(SocialInsuranceNumber, insurance.get("social_insurance_number")),
        full_name=_text(basic.get("full_name")),
        birth_date=_text(basic.get("birth_date")),
    )
    return said if person is None else _named_by(person, said)


def named(groups: Groups, identity: Identity) -> Groups:
    """The groups of a person's first statement, with the number by which the person was named in them.

    Only of somebody new: of a person whom we know, a key says nothing that the groups do not.
    """
    basic = groups.get("basic", {})
    if identity.personal_number and not basic.get("personal_number"):
        return {**groups, "basic": {**basic, "personal_number": identity.personal_number}}
    if identity.cmnd and not identity.personal_number and not basic.get("cmnd"):
        return {**groups, "basic": {**basic, "cmnd": identity.cmnd}}
    return groups


def _named_by(person: PersonKey, said: Identity) -> Identity:
    if number := _well_formed(PersonalNumber, person.personal_number):
        contradicted = said.personal_number not in {None, number}
        return replace(said, personal_number=number, contradicted=contradicted)
    if old_number := _well_formed(OldIdentityNumber, person.cmnd):
        return replace(said, cmnd=old_number, contradicted=said.cmnd not in {None, old_number})
    if insured := _well_formed(SocialInsuranceNumber, person.social_insurance_number):
        contradicted = said.social_insurance_number not in {None, insured}
        return replace(said, social_insurance_number=insured, contradicted=contradicted)
    return said


def match(identity: Identity, owners: Owners, known: Callable[[str], Groups], source: Source) -> Match:
    """Find the one person an entry is about. `known` gives a candidate's present groups."""
    if identity.contradicted:
        return Match(doubt=_two_people(("basic.personal_number",)))
    by_number = _one(owners, PERSONAL_NUMBER)
    by_insurance = _one(owners, SOCIAL_INSURANCE_NUMBER)
    if identity.personal_number:
        by_old_number = _one(owners, CMND_PERSON)
        found = by_number or by_old_number
        if by_old_number and (by_old_number != found or _other_number(identity, known(by_old_number))):
            return Match(doubt=_two_people(("basic.personal_number", "basic.cmnd")))
        if by_insurance and by_insurance != found:
            return Match(doubt=_two_people(("basic.personal_number", "insurance.social_insurance_number")))
    elif identity.cmnd:
        found, doubt = _by_cmnd(identity, owners, known)
        if doubt:
            return Match(doubt=doubt)
        if by_insurance and found and by_insurance != found:
            return Match(doubt=_two_people(("basic.cmnd", "insurance.social_insurance_number")))
        if by_insurance and not found:
            return Match(doubt=Finding("SACH-103", "refuse", ("basic.cmnd",)))
        if not found and identity.anchor is None:
            return Match(doubt=Finding("SACH-107", "refuse", ("basic.personal_number",)))
    else:
        found = by_insurance
        if not found:
            return Match(doubt=Finding("SACH-107", "refuse", ("basic.personal_number",)))
    if found is None:
        return Match(remarks=_namesakes(owners, None))
    return _compare(found, identity, known(found), source, owners)


def _compare(worker_id: str, identity: Identity, groups: Groups, source: Source, owners: Owners) -> Match:
    """The number is known: is it the same person? A mistyped number must not write into a stranger's record."""
    basic = groups.get("basic", {})
    held_name, held_birth = _text(basic.get("full_name")), _text(basic.get("birth_date"))
    remarks = _namesakes(owners, worker_id)
    if source == "population" or not (identity.full_name and held_name):
        return Match(worker_id, remarks=remarks)
    likeness = same_name(identity.full_name, held_name)
    if likeness == "exact":
        return Match(worker_id, remarks=remarks)
    if (
        likeness == "different"
        and identity.birth_date
        and held_birth
        and not _born_alike(identity.birth_date, held_birth)
    ):
        return Match(
            doubt=Finding("SACH-101", "refuse", ("basic.personal_number", "basic.full_name", "basic.birth_date"))
        )
    return Match(worker_id, remarks=(Finding("SACH-105", "warn", ("basic.full_name",)), *remarks))


def _by_cmnd(identity: Identity, owners: Owners, known: Callable[[str], Groups]) -> tuple[str | None, Finding | None]:
    exact = _one(owners, CMND_PERSON)
    if exact:
        return exact, None
    holders = owners.get(CMND, ())
    alike = [worker_id for worker_id in holders if _same_person(identity, known(worker_id))]
    if len(alike) == 1 and len(holders) == 1:
        return alike[0], None
    return None, Finding("SACH-103", "refuse", ("basic.cmnd", "basic.full_name")) if holders else None


def _other_number(identity: Identity, groups: Groups) -> bool:
    """A person known by CMND alone may show the 12-digit number; one who has another number is somebody else, or a
    number was changed by law: a person decides."""
    held = groups.get("basic", {}).get("personal_number")
    return held is not None and held != identity.personal_number


def _namesakes(owners: Owners, worker_id: str | None) -> tuple[Finding, ...]:
    others = [other for other in owners.get(NAME_BIRTH, ()) if other != worker_id]
    return (Finding("SACH-104", "note", ("basic.full_name", "basic.birth_date")),) if others else ()


def _same_person(identity: Identity, groups: Groups) -> bool:
    basic = groups.get("basic", {})
    held_name, held_birth = _text(basic.get("full_name")), _text(basic.get("birth_date"))
    if not (identity.full_name and held_name and identity.birth_date and held_birth):
        return False
    return same_name(identity.full_name, held_name) in ("exact", "tone") and identity.birth_date == held_birth


def _born_alike(one: str, other: str) -> bool:
    try:
        return year_of(one) == year_of(other)
    except ValueError:
        return False


def _two_people(fields: tuple[str, ...]) -> Finding:
    return Finding("SACH-102", "refuse", fields)


def _one(owners: Owners, kind: str) -> str | None:
    found = owners.get(kind, ())
    return found[0] if len(found) == 1 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _well_formed(
    kind: type[PersonalNumber] | type[OldIdentityNumber] | type[SocialInsuranceNumber], value: object
) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return str.__str__(kind.parse(value))
    except IdentifierInvalid:
        return None
