"""Who is this? 037, and 033 for whom it does not find."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.population import identity
from contracts.adapter_port import AdapterError, IdentityAnswer, IdentityClaim, Refused, TryLater

_CLAIM = IdentityClaim("Lò Thị Hoà", "1990-05-12", "2", "012190000123", None)
_CITIZEN: dict[str, Any] = {
    "SoDinhDanh": "012190000123",
    "HoVaTen": {"Ten": "LÒ THỊ HÒA"},
    "GioiTinh": "2",
    "NgayThangNamSinh": {"NgayThangNam": "19900512"},
    "ThuongTru": {"MaTinhThanh": "12", "MaPhuongXa": "03388"},
}


async def _verified(
    claim: IdentityClaim = _CLAIM,
    citizen: dict[str, Any] | None = None,
    by_year: dict[str, Any] | None = None,
    exists: bool = False,
    fault: AdapterError | None = None,
) -> IdentityAnswer:
    async def ask_citizen(_: IdentityClaim, born: dict[str, Any]) -> dict[str, Any] | None:
        if fault is not None:
            raise fault
        return by_year if "Nam" in born and len(claim.birth_date) > 4 else citizen

    async def ask_exists(_: IdentityClaim) -> bool:
        return exists

    return await identity.verify(claim, ask_citizen, ask_exists)


async def test_who_agrees_is_verified_with_identity_and_residence() -> None:
    answer = await _verified(citizen=_CITIZEN)
    assert answer.outcome == "verified"
    assert answer.groups is not None
    assert set(answer.groups) == {"basic", "residence"}
    assert answer.groups["basic"]["full_name"] == "Lò Thị Hòa"


async def test_a_year_agrees_with_a_day_of_that_year() -> None:
    claim = IdentityClaim("Lò Thị Hoà", "1990", None, "012190000123", None)
    assert (await _verified(claim, citizen=_CITIZEN)).outcome == "verified"


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"GioiTinh": "1"}, ("sex",)),
        ({"HoVaTen": {"Ten": "LÒ THỊ HOẠ"}}, ("full_name",)),
        ({"NgayThangNamSinh": {"Nam": "1991"}}, ("birth_date",)),
    ],
)
async def test_what_differs_is_named(change: dict[str, Any], differing: tuple[str, ...]) -> None:
    answer = await _verified(citizen={**_CITIZEN, **change})
    assert (answer.outcome, answer.differing, answer.groups) == ("differs", differing, None)


async def test_a_name_typed_without_any_marks_agrees() -> None:
    claim = IdentityClaim("LO THI HOA", "1990-05-12", "2", "012190000123", None)
    assert (await _verified(claim, citizen=_CITIZEN)).outcome == "verified"


async def test_who_exists_with_another_birth_date_differs_in_it() -> None:
    other_day = {**_CITIZEN, "NgayThangNamSinh": {"NgayThangNam": "19900601"}}
    assert (await _verified(exists=True, by_year=other_day)).differing == ("birth_date",)
    assert (await _verified(exists=True)).differing == ("birth_date",)


async def test_who_is_held_with_a_year_alone_is_verified_by_the_year() -> None:
    year_alone = {**_CITIZEN, "NgayThangNamSinh": {"Nam": "1990"}}
    assert (await _verified(exists=True, by_year=year_alone)).outcome == "verified"


async def test_who_does_not_exist_is_not_found() -> None:
    assert (await _verified()).outcome == "not_found"
    assert (await _verified(IdentityClaim("Lò", "1990", None, None, None))).cause == "no-number"


async def test_an_answer_about_another_person_is_no_answer() -> None:
    answer = await _verified(citizen={**_CITIZEN, "SoDinhDanh": "012190000124"})
    assert (answer.outcome, answer.cause) == ("no_answer", "answer-about-another")


@pytest.mark.parametrize(
    "fault",
    [TryLater("timeout"), TryLater("officer-without-right"), Refused("message-unfit")],
    ids=lambda one: one.cause,
)
async def test_the_systems_faults_are_no_answer(fault: AdapterError) -> None:
    answer = await _verified(fault=fault)
    assert (answer.outcome, answer.cause) == ("no_answer", fault.cause)
