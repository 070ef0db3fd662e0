"""Is this person who we believe? The order of questions, and how answers are compared. Pure but for the questions.

037 finds a person only if number, name and birth date agree, and 033 tells whether number and name exist together. So a
person not found by 037 but known to 033 has another birth date; asked once more by the year alone, 037 shows which.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from adapters.population.mapping import citizen_groups
from adapters.population.wire import said_date
from contracts.adapter_port import AdapterError, CannotTranslate, IdentityAnswer, IdentityClaim
from contracts.canonical import Json, JsonObject
from contracts.names import same_name, search_key
from contracts.worker import Groups, Values

Citizen: TypeAlias = JsonObject
AskCitizen: TypeAlias = Callable[[IdentityClaim, JsonObject], Awaitable[Citizen | None]]
"""037 with a birth date as `NgayThangNamSinh`; None = not found. Raises TryLater or Refused."""
AskExists: TypeAlias = Callable[[IdentityClaim], Awaitable[bool]]
"""033. Raises TryLater or Refused."""

NOT_FOUND: Final = IdentityAnswer("not_found")


async def verify(claim: IdentityClaim, ask_citizen: AskCitizen, ask_exists: AskExists) -> IdentityAnswer:
    """The population database's word on a claim; its faults are `no_answer` with a cause, never an exception."""
    born = said_date(claim.birth_date)
    if not (claim.personal_number or claim.cmnd):
        return IdentityAnswer("not_found", cause="no-number")
    if born is None or not claim.full_name.strip():
        return IdentityAnswer("not_found", cause="claim-incomplete")
    try:
        citizen = await ask_citizen(claim, born)
        if citizen is None and await ask_exists(claim):
            year: JsonObject = {"Nam": claim.birth_date[:4]}
            citizen = await ask_citizen(claim, year) if year != born else None
            if citizen is None:
                return IdentityAnswer("differs", differing=("birth_date",))
        return judge(claim, citizen) if citizen is not None else NOT_FOUND
    except CannotTranslate as error:
        return IdentityAnswer("not_found", cause=error.cause)
    except AdapterError as error:
        return IdentityAnswer("no_answer", cause=error.cause)


def judge(claim: IdentityClaim, citizen: Citizen) -> IdentityAnswer:
    """Compare what we believe with what is held. CannotTranslate when what is held names nobody."""
    groups = citizen_groups(citizen)
    basic = groups["basic"]
    if not _same_number(claim, basic):
        return IdentityAnswer("no_answer", cause="answer-about-another")
    differing = tuple(
        field
        for field, agrees in (
            ("full_name", _same_name(claim.full_name, basic.get("full_name"))),
            ("birth_date", _same_date(claim.birth_date, basic.get("birth_date"))),
            ("sex", _same_or_unknown(claim.sex, basic.get("sex"))),
        )
        if not agrees
    )
    return IdentityAnswer("differs", differing=differing) if differing else _verified(groups)


def _verified(groups: Groups) -> IdentityAnswer:
    return IdentityAnswer("verified", groups=groups)


def _same_number(claim: IdentityClaim, basic: Values) -> bool:
    if claim.personal_number:
        return basic.get("personal_number") == claim.personal_number
    return _same_or_unknown(claim.cmnd, basic.get("cmnd"))


def _same_name(claimed: str, held: Json) -> bool:
    """Equal but for case and the place of tone marks; without any marks only when the claim was typed without them."""
    if not isinstance(held, str):
        return False
    likeness = same_name(claimed, held)
    return likeness in {"exact", "tone"} or (likeness == "unaccented" and search_key(claimed).isascii())


def _same_date(claimed: str, held: Json) -> bool:
    """Neither contradicts the other: 1960 agrees with 1960-05-12."""
    if not isinstance(held, str):
        return False
    length = min(len(claimed), len(held))
    return claimed[:length] == held[:length]


def _same_or_unknown(claimed: str | None, held: Json) -> bool:
    return claimed is None or held is None or claimed == held
