"""What people live from: schooling, activity, job, insurance. Consistent in itself, as an honest answer would be."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Activity = Literal["1", "2", "3"]


@dataclass(frozen=True, slots=True)
class Job:
    """A job; codes of TT 11/2022, occupation of QĐ 34/2020, industry of VSIC 2025."""

    status: str
    title: str
    occupation: str
    workplace: str
    workplace_kind: str
    industry: str
    contract_kind: str | None = None
    contract_started_on: str | None = None
    employer_code: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Participation in social insurance: BB compulsory, TN voluntary; months as yyyy-MM."""

    kind: Literal["BB", "TN"]
    unemployment_insurance: bool
    employer_code: str | None
    employer_name: str | None
    month_from: str
    month_to: str | None = None
    movement: str = "TM"


@dataclass(frozen=True, slots=True)
class Life:
    """Everything that a form asks besides identity and residence."""

    general_education: str
    general_grade: str
    qualification: str
    training_field: str | None
    activity: Activity
    inactive_reason: str | None = None
    job: Job | None = None
    worked_before: str | None = None
    unemployed_for: str | None = None
    unemployed_why: str | None = None
    spell: Spell | None = None
    job_seeking: bool = False
    priority: tuple[str, ...] = ()


_FARM = (
    ("Trồng lúa, ngô trên nương", "61", "011"),
    ("Trồng và hái chè", "61", "012"),
    ("Chăn nuôi trâu, bò", "61", "014"),
    ("Trồng quế, sa nhân", "62", "021"),
    ("Làm ruộng tự cung tự cấp", "63", "011"),
    ("Nuôi cá nước lạnh", "62", "032"),
)
_FREE = (
    ("Bán hàng tạp hoá", "52", "471"),
    ("Phụ hồ", "93", "410"),
    ("Xe ôm, chở hàng", "83", "493"),
    ("May trang phục dân tộc", "75", "141"),
)
_HIRED = (
    ("Công nhân chế biến chè", "75", "107", "Công ty cổ phần chè Mẫu Tân Uyên", "5", "52"),
    ("Công nhân thuỷ điện", "31", "351", "Công ty thuỷ điện Mẫu Nậm Na", "5", "51"),
    ("Giáo viên tiểu học", "23", "852", "Trường phổ thông dân tộc bán trú Mẫu", "6", "6"),
    ("Nhân viên trạm y tế", "32", "869", "Trạm y tế Mẫu", "6", "6"),
    ("Lái xe tải", "83", "493", "Hợp tác xã vận tải Mẫu", "4", "4"),
    ("Kế toán viên", "33", "692", "Công ty tư vấn Mẫu Lai Châu", "5", "52"),
    ("Công nhân cao su", "61", "012", "Công ty cao su Mẫu Lai Châu", "5", "51"),
    ("Thợ xây dựng", "71", "410", "Công ty xây dựng Mẫu Tây Bắc", "5", "52"),
    ("Công nhân lắp ráp điện tử", "82", "261", "Công ty điện tử Mẫu", "5", "53"),
)
_GRADES = {"1": "3/12", "2": "5/12", "3": "9/12", "4": "12/12"}
_FIELDS = ("Kế toán", "Sư phạm tiểu học", "Điều dưỡng", "Kỹ thuật điện", "Nông học", "Xây dựng dân dụng", "Cơ khí")


def draw_life(rng: random.Random, age: int, year: int, minority: bool) -> Life:
    """`age` at the year's end; `year` of the survey."""
    schooling = _draw_schooling(rng, age)
    priority = _draw_priority(rng, minority)
    pick = rng.random()
    if (age <= 17 and pick < 0.75) or (age <= 22 and pick < 0.2):
        return Life(*schooling, "3", inactive_reason="1", priority=priority)
    if age >= 60 and pick < 0.55:
        return Life(*schooling, "3", inactive_reason="2", priority=priority)
    if pick > 0.96:
        return Life(*schooling, "3", inactive_reason="3" if rng.random() < 0.8 else "9", priority=priority)
    if pick > 0.93:
        before = "2" if rng.random() < 0.6 else "1"
        why = ("3", "4", "2")[int(rng.random() * 3)] if before == "2" else "1"
        length = str(1 + int(rng.random() * 3))
        return Life(*schooling, "2", None, None, before, length, why, None, True, priority)
    return _employed(rng, schooling, age, year, priority)


def _employed(
    rng: random.Random,
    schooling: tuple[str, str, str, str | None],
    age: int,
    year: int,
    priority: tuple[str, ...],
) -> Life:
    pick = rng.random()
    if pick < 0.68 or age < 18:
        title, occupation, industry = _FARM[int(rng.random() * len(_FARM))]
        status = "2" if rng.random() < 0.6 else "3"
        job = Job(status, title, occupation, "Hộ gia đình", "1", industry)
    elif pick < 0.78:
        title, occupation, industry = _FREE[int(rng.random() * len(_FREE))]
        job = Job("2", title, occupation, "Tự do", "2", industry)
    else:
        return _hired(rng, schooling, age, year, priority)
    spell = None
    if rng.random() < 0.06:
        spell = Spell("TN", False, None, None, f"{year - 1 - int(rng.random() * 4)}-{1 + int(rng.random() * 12):02d}")
    seeking = rng.random() < 0.05
    return Life(*schooling, "1", job=job, spell=spell, job_seeking=seeking, priority=priority)


def _hired(
    rng: random.Random,
    schooling: tuple[str, str, str, str | None],
    age: int,
    year: int,
    priority: tuple[str, ...],
) -> Life:
    which = int(rng.random() * len(_HIRED))
    title, occupation, industry, name, _, kind = _HIRED[which]
    started = year - 1 - int(rng.random() * min(12, age - 17))
    month, day = 1 + int(rng.random() * 12), 1 + int(rng.random() * 28)
    employer_code = f"62{99_990_000 + which:08d}"
    contract = "2" if year - started > 3 or rng.random() < 0.4 else "1"
    job = Job("4", title, occupation, name, kind, industry, contract, f"{started}-{month:02d}-{day:02d}", employer_code)
    spell = None
    if rng.random() < 0.93:
        spell = Spell("BB", rng.random() < 0.97, employer_code, name, f"{started}-{month:02d}")
    return Life(*schooling, "1", job=job, spell=spell, job_seeking=rng.random() < 0.03, priority=priority)


def _draw_schooling(rng: random.Random, age: int) -> tuple[str, str, str, str | None]:
    pick = rng.random() + (0.18 if age > 50 else 0.0)
    if age <= 17:
        general = "3" if pick < 0.7 else "2"
    else:
        general = "4" if pick < 0.33 else "3" if pick < 0.62 else "2" if pick < 0.88 else "1"
    if age < 20 or general in {"1", "2"} or rng.random() < 0.6:
        return general, _GRADES[general], "1", None
    if general == "4":
        qualification = "4567"[int(rng.random() * 4)] if age >= 23 else "4"
        qualification = "8" if age > 30 and rng.random() < 0.02 else qualification
    else:
        qualification = "234"[int(rng.random() * 3)]
    return general, _GRADES[general], qualification, _FIELDS[int(rng.random() * len(_FIELDS))]


def _draw_priority(rng: random.Random, minority: bool) -> tuple[str, ...]:
    found = []
    pick = rng.random()
    if pick < 0.18:
        found.append("2")
    elif pick < 0.28:
        found.append("3")
    if rng.random() < 0.02:
        found.append("5")
    if minority:
        found.append("6")
    return tuple(found)
