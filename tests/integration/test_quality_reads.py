"""The quality of communes: means of what is stored with the records, and red where somebody's number is in doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.quality import QualitySettings
from gateway.reads.quality import QualityReads
from gateway.store.commune_quality import CommuneQuality
from tests.intake_world import BIRTH_DATE, NAME, NOW, World, address, statement, submission, world

OTHER_COMMUNE = "03390"
UNKNOWN_BIRTHPLACE = "999194000007"
"""Of a person whose number names no province: a warning on what identifies them."""


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url) as built:
        yield built


def shown(house: World, *, days_later: int = 0) -> dict[str | None, Any]:
    now = NOW + dt.timedelta(days=days_later)
    answer: Any = QualityReads(CommuneQuality(house.database), QualitySettings(), lambda: now).show(None)
    return {**{one["commune"]: one for one in answer["communes"]}, "province": answer["province"]}


def living_in(commune: str) -> dict[str, Any]:
    return {"xa": commune, "thuong_tru": address(commune=commune), "noi_o_hien_tai": address(commune=commune)}


def test_one_doubted_number_makes_its_commune_and_the_province_red_however_good_the_mean(house: World) -> None:
    house.receive(*(submission(at) for at in range(1, 20)))
    house.one(submission(20, **living_in(OTHER_COMMUNE)))
    doubted = house.one(submission(30, so_dinh_danh=UNKNOWN_BIRTHPLACE))
    assert doubted.state == "accepted"
    found = shown(house)
    assert found["03388"]["scores"]["correct"] >= 90
    colours = {place: one["colours"]["correct"] for place, one in found.items()}
    assert colours == {"03388": "red", OTHER_COMMUNE: "green", "province": "red"}
    assert {place: one["key_doubts"] for place, one in found.items()} == {"03388": 1, OTHER_COMMUNE: 0, "province": 1}
    assert found["03388"]["colours"]["clean"] == "green"


def test_a_number_that_the_population_database_confirmed_is_no_doubt_any_more(house: World) -> None:
    house.one(submission(1, so_dinh_danh=UNKNOWN_BIRTHPLACE))
    said = {"full_name": NAME, "birth_date": BIRTH_DATE, "sex": "2", "personal_number": UNKNOWN_BIRTHPLACE}
    house.one(statement("population", {"basic": said}, verified=True))
    found = shown(house)["03388"]
    assert (found["verified"], found["key_doubts"], found["colours"]["correct"]) == (1, 0, "green")


def test_a_doubt_ends_with_the_entry_that_puts_the_record_right(house: World) -> None:
    house.one(submission(1, gioi_tinh="1"))
    assert shown(house)["03388"]["key_doubts"] == 1
    house.one(submission(1, declared_on="2026-07-06"))
    assert shown(house)["03388"]["key_doubts"] == 0


def test_a_doubt_stays_through_an_entry_that_changes_nothing(house: World) -> None:
    house.one(submission(1, gioi_tinh="1"))
    assert house.one(submission(1, gioi_tinh="1", declared_on="2026-07-06")).state == "unchanged"
    assert shown(house)["03388"]["key_doubts"] == 1


def test_records_that_nobody_confirms_grow_stale_by_reading_alone(house: World) -> None:
    house.one(submission(1))
    assert shown(house)["province"]["scores"]["live"] == 100
    assert shown(house, days_later=4_000)["province"]["scores"]["live"] == 0
