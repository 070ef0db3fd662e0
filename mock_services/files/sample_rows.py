"""Two hundred rows as a commune office would type them: labels instead of codes, and the usual accidents."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, TypeAlias

from contracts.codelists import load
from mock_services.files.entries import tt11_fields
from mock_services.people.numbers import personal_number
from mock_services.people.person import Person
from mock_services.people.world import World

Value: TypeAlias = str | int | date | None
Row: TypeAlias = dict[str, Value]

ROWS: Final = 200
TCVN3_FONT: Final = ".VnTime"
_COMMUNE: Final = "03408"
_SURVEYED_ON: Final = "2026-07-20"
_LABELLED: Final = {
    "Giới tính": ("gioi_tinh", "gender"),
    "Trình độ giáo dục phổ thông cao nhất": ("trinh_do_gdpt", "general_education_tt11"),
    "Trình độ CMKT cao nhất": ("trinh_do_cmkt", "technical_qualification_tt11"),
    "Tình trạng tham gia hoạt động kinh tế": ("tinh_trang_hdkt", "economic_activity_status"),
    "Nguyên nhân không tham gia HĐKT": ("ly_do_khong_tham_gia", "inactive_reason_tt11"),
    "Vị thế việc làm": ("vi_the_viec_lam", "employment_status_tt11"),
    "Loại BHXH: Bắt buộc/Tự nguyện": ("loai_bhxh", "social_insurance_participation"),
    "Loại HĐLĐ": ("loai_hdld", "contract_type"),
    "Người thất nghiệp: Chưa bao giờ/Đã từng làm việc": ("nguoi_that_nghiep", "unemployment_history"),
    "Thời gian thất nghiệp": ("thoi_gian_that_nghiep", "unemployment_duration"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows, and which cells (row, header) are typed in the legacy font."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    legacy: frozenset[tuple[int, str]]


@cache
def headers() -> tuple[str, ...]:
    """The header row: the legacy import layout, with what Mẫu số 03 asks besides."""
    text = (resources.files(__package__) / "sample_columns.csv").read_text(encoding="utf-8")
    return tuple(row["header"] for row in csv.DictReader(text.splitlines()))


def make_sample(world: World) -> Sample:
    """Rows about people of the world; children and one stranger are the only others. Raises ValueError if too few."""
    people = _residents(world)
    rows = [typed_row(person) for person in people]
    rows += [dict(rows[place]) for place in (20, 21, 22, 23, 24)]
    again = dict(rows[25])
    again["Nơi làm việc"], again["Công việc đang làm"] = "Chợ trung tâm", "Bán rau"
    rows += [again, *(_child(place) for place in range(4))]
    for place, change in enumerate(_accidents(), start=30):
        change(rows[place])
    for number, row in enumerate(rows, start=1):
        row["STT"] = number
    legacy_name = str(rows[60]["Họ và tên"])
    rows[60]["Họ và tên"] = _in_tcvn3(legacy_name)
    return Sample(headers(), tuple(rows), frozenset({(60, "Họ và tên")}))


def _residents(world: World) -> list[Person]:
    wanted = ROWS - 10
    own = [person for person in world if person.residence.commune == _COMMUNE]
    others = (person for person in world if person.residence.commune != _COMMUNE)
    while len(own) < wanted:
        following = next(others, None)
        if following is None:
            raise ValueError(f"the sample needs a world of at least {wanted} people")
        own.append(following)
    return own[:wanted]


def typed_row(person: Person) -> Row:
    """One row without accidents; dates as the clerk of the day writes them."""
    fields = tt11_fields(person, _SURVEYED_ON)
    row: Row = dict.fromkeys(headers())
    for header, (name, codes) in _LABELLED.items():
        row[header] = load(codes).label(fields[name]) if name in fields else None
    row["Ngày thu thập"] = date(2026, 7, 1 + person.index % 20)
    row["Họ và tên"] = person.full_name.upper() if person.index % 3 else person.full_name
    row["CMND/CCCD/Số định danh"] = person.personal_number
    row["Ngày sinh"] = _typed_date(person.birth_date, person.index)
    row["Nơi thường trú"] = person.permanent.text
    row["Nơi ở hiện tại"] = None if person.current is None else person.current.text
    row["Dân tộc"] = load("ethnic_groups").label(person.ethnic_group)
    row["Quốc tịch"] = "Việt Nam"
    row["Mã số BHXH"] = person.social_insurance_number
    priority = load("priority_groups_tt11")
    row["Đối tượng ưu tiên"] = "; ".join(priority.label(code) or code for code in person.life.priority) or None
    row["Chuyên ngành đào tạo"] = person.life.training_field
    if person.life.job is not None:
        _add_job(row, person)
    return row


def _add_job(row: Row, person: Person) -> None:
    job = person.life.job
    assert job is not None
    row["Công việc đang làm"] = job.title
    row["Tham gia BHXH"] = "Có" if person.life.spell is not None else "Không"
    row["Hợp đồng lao động: Có/Không"] = "Có" if job.contract_kind else "Không"
    started = job.contract_started_on
    row["Ngày bắt đầu HĐLĐ"] = None if started is None else _typed_date(started, person.index)
    row["Nơi làm việc"] = job.workplace
    row["Loại hình nơi làm việc"] = load("workplace_type_tt11").label(job.workplace_kind)
    row["Địa chỉ nơi làm việc"] = person.residence.text


def _typed_date(partial: str, index: int) -> Value:
    if len(partial) == 4:
        return (f"năm {partial}", f"00/00/{partial}", partial, int(partial))[index % 4]
    if len(partial) == 7:
        return f"{partial[5:]}/{partial[:4]}"
    full = date.fromisoformat(partial)
    styles: tuple[Value, ...] = (
        f"{full:%d/%m/%Y}",
        full,
        f"{full:%d-%m-%Y}",
        f"{full.day}/{full.month}/{full.year}",
        f"{full:%d.%m.%Y}",
    )
    return styles[index % len(styles)]


def _child(place: int) -> Row:
    """Somebody under 15, whom the survey does not ask."""
    sex = "1" if place % 2 else "2"
    names = ("Lò Thị Bé", "Giàng A Nhỏ", "Vàng Thị Út", "Tẩn A Tý")
    row: Row = dict.fromkeys(headers())
    row["Ngày thu thập"] = date(2026, 7, 15)
    row["Họ và tên"] = names[place]
    row["CMND/CCCD/Số định danh"] = personal_number(100_000 + place, "012", sex, 2014)
    row["Ngày sinh"] = f"{10 + place}/03/2014"
    row["Giới tính"] = load("gender").label(sex)
    row["Nơi thường trú"] = "Tổ dân phố số 3, Phường Tân Phong, Tỉnh Lai Châu"
    row["Dân tộc"] = ("Thái", "Mông", "Hà Nhì", "Dao")[place]
    row["Trình độ giáo dục phổ thông cao nhất"] = "Tốt nghiệp Tiểu học"
    row["Trình độ CMKT cao nhất"] = "Chưa qua đào tạo"
    row["Tình trạng tham gia hoạt động kinh tế"] = "Không tham gia hoạt động kinh tế"
    row["Nguyên nhân không tham gia HĐKT"] = "Đi học"
    return row


def _accidents() -> list[Callable[[Row], None]]:
    """What happens to the rows from the 31st on, one accident each."""
    lost = [_number_as_number] * 7
    return [
        *lost,
        _set("CMND/CCCD/Số định danh", "1.20E+10"),
        _set("CMND/CCCD/Số định danh", None),
        _set("Họ và tên", None),
        _set("Ngày sinh", "31/02/1985"),
        _set("Ngày sinh", "12/5/2031"),
        _set("Giới tính", "nam gioi"),
        _other_sex,
        _all({"Tình trạng tham gia hoạt động kinh tế": "Người thất nghiệp", "Nơi làm việc": "Trạm y tế Mẫu"}),
        _all(
            {"Trình độ CMKT cao nhất": "Trên đại học", "Trình độ giáo dục phổ thông cao nhất": "Chưa học xong Tiểu học"}
        ),
        _set("Trình độ CMKT cao nhất", "Trung cấp nghề"),
        _all({"Vị thế việc làm": "Tự làm", "Hợp đồng lao động: Có/Không": "Có", "Loại HĐLĐ": None}),
        _set("Dân tộc", "Người H'Mông"),
        _set("Dân tộc", "Mèo"),
        _set("Nơi thường trú", "Bản Chin Chu Chải, xã Nùng Nàng, huyện Tam Đường, tỉnh Lai Châu"),
        _set("Nơi thường trú", "Tổ 2, phường Đông Phong, TP Lai Châu"),
        _decomposed,
        _padded,
        _set("Mã số BHXH", "12345"),
        _set("Đối tượng ưu tiên", "Hộ nghèo; Dân tộc thiểu số (ghi tên dân tộc)"),
        _set("Tham gia BHXH", "x"),
    ]


def _set(header: str, value: Value) -> Callable[[Row], None]:
    return _all({header: value})


def _all(values: Row) -> Callable[[Row], None]:
    return lambda row: row.update(values)


def _number_as_number(row: Row) -> None:
    """The spreadsheet took the number for a quantity, and the leading zero is gone."""
    row["CMND/CCCD/Số định danh"] = int(str(row["CMND/CCCD/Số định danh"]))


def _other_sex(row: Row) -> None:
    row["Giới tính"] = "Nữ" if row["Giới tính"] == "Nam" else "Nam"


def _decomposed(row: Row) -> None:
    row["Họ và tên"] = unicodedata.normalize("NFD", str(row["Họ và tên"]))


def _padded(row: Row) -> None:
    row["Họ và tên"] = "\u00a0" + str(row["Họ và tên"]).replace(" ", "  ") + " \u200b"


def _in_tcvn3(text: str) -> str:
    """As a cell in a font .VnTime really holds it: every letter one byte, read as CP1252."""
    surface = {row["unicode_nfc"]: row["surface_cp1252"] for row in load("legacy_tcvn3_map").rows}
    lower = unicodedata.normalize("NFC", text.title())
    return "".join(surface.get(letter, surface.get(letter.lower(), letter)) for letter in lower)
