"""Entries that people of the world would give, in either form."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, TypeAlias

from mock_services.files.flaws import spoil
from mock_services.people.person import KINH, Person
from mock_services.people.places import Place
from mock_services.people.work import Job
from mock_services.people.world import World

Entry: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, Any]
FormChoice: TypeAlias = Literal["tt11_mau03", "nd318", "mixed"]
FORMS: Final[tuple[FormChoice, ...]] = ("tt11_mau03", "nd318", "mixed")
_DAYS_OF_SURVEY: Final = 28
_NO_CONTRACT: Final = "0"


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """What is to be generated; `declared_on` is the last day on which anybody made a statement."""

    world: World
    form: FormChoice
    declared_on: date
    flawed_share: float = 0.0


def entries(plan: EntryPlan) -> Iterator[Entry]:
    """One entry per person of the world, in the order of the people."""
    if not 0 <= plan.flawed_share <= 1:
        raise ValueError("--flawed: a share from 0 to 1")
    for person in plan.world:
        rng = random.Random(f"{plan.world.seed}/{person.index}/entry")
        entry = _entry(rng, plan, person)
        if plan.flawed_share and rng.random() < plan.flawed_share:
            spoil(rng, entry)
        yield entry


def _entry(rng: random.Random, plan: EntryPlan, person: Person) -> Entry:
    newer = rng.random() < 0.2
    capitals = rng.random() < 0.5
    declared_on = (plan.declared_on - timedelta(days=person.index % _DAYS_OF_SURVEY)).isoformat()
    form = ("nd318" if newer else "tt11_mau03") if plan.form == "mixed" else plan.form
    fields = nd318_fields(person, declared_on) if form == "nd318" else tt11_fields(person, declared_on)
    if capitals:
        fields["ho_ten"] = fields["ho_ten"].upper()
    return {
        "form": form,
        "declared_on": declared_on,
        "collected_on": declared_on,
        "commune": person.residence.commune,
        "village": person.residence.detail,
        "investigator": f"DTV-{person.residence.commune}",
        "campaign": declared_on[:4],
        "slip_kind": "collect",
        "update_source": "procedure",
        "key": f"mau-{plan.world.seed}-{person.index:06d}",
        "fields": fields,
    }


def address(place: Place, on: str) -> Fields:
    """An address with today's code."""
    return {"ma_tinh": place.province, "ma_xa": place.commune, "ngay_ma": on, "chi_tiet": place.detail}


def tt11_fields(person: Person, on: str) -> Fields:
    """Mẫu số 03, Thông tư 11/2022; what does not apply is left out."""
    life = person.life
    fields: Fields = {
        "tinh": person.residence.province,
        "xa": person.residence.commune,
        "ho_ten": person.full_name,
        "ngay_sinh": person.birth_date,
        "gioi_tinh": person.sex,
        "so_dinh_danh": person.personal_number,
        "ma_so_bhxh": person.social_insurance_number,
        "thuong_tru": address(person.permanent, on),
        "noi_o_hien_tai": None if person.current is None else address(person.current, on),
        "doi_tuong_uu_tien": list(life.priority),
        "dan_toc": None if person.ethnic_group == KINH else person.ethnic_group,
        "trinh_do_gdpt": life.general_education,
        "trinh_do_cmkt": life.qualification,
        "chuyen_nganh": life.training_field,
        "tinh_trang_hdkt": life.activity,
        "ly_do_khong_tham_gia": life.inactive_reason,
        "nguoi_that_nghiep": life.worked_before,
        "thoi_gian_that_nghiep": life.unemployed_for,
        "ngay_khai": on,
        "nguoi_cung_cap": person.full_name,
    }
    if life.job is not None:
        fields.update(_tt11_job(person, life.job, on))
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _tt11_job(person: Person, job: Job, on: str) -> Fields:
    spell = person.life.spell
    enterprise = job.workplace_kind if len(job.workplace_kind) == 2 else None
    return {
        "vi_the_viec_lam": job.status,
        "cong_viec_cu_the": job.title,
        "tham_gia_bhxh": spell is not None,
        "loai_bhxh": None if spell is None else _participation(person),
        "co_hdld": job.contract_kind is not None,
        "loai_hdld": job.contract_kind,
        "ngay_bat_dau_hdld": job.contract_started_on,
        "noi_lam_viec": job.workplace,
        "loai_hinh_noi_lam_viec": job.workplace_kind[:1],
        "loai_doanh_nghiep": enterprise,
        "dia_chi_noi_lam_viec": address(person.residence, on),
    }


def nd318_fields(person: Person, on: str) -> Fields:
    """The electronic form of Nghị định 318/2025; what does not apply is left out."""
    life = person.life
    fields: Fields = {
        "ho_ten": person.full_name,
        "ngay_sinh": person.birth_date,
        "gioi_tinh": person.sex,
        "so_dinh_danh": person.personal_number,
        "ma_so_bhxh": person.social_insurance_number,
        "thuong_tru": address(person.permanent, on),
        "tam_tru": None if person.current is None else address(person.current, on),
        "dac_thu": ["8" if code == "6" else code for code in life.priority],
        "lop_gdpt": life.general_grade,
        "trinh_do_cmkt": {"ma": life.qualification, "nganh": life.training_field},
        "tinh_trang_hdkt": life.activity,
        "ly_do": life.inactive_reason,
        "tham_gia_bhxh": None if life.activity == "3" else _participation(person),
        "thoi_gian_that_nghiep": life.unemployed_for,
        "ly_do_that_nghiep": life.unemployed_why,
        "nhu_cau": None if life.activity == "3" else life.job_seeking,
    }
    if life.job is not None:
        fields.update(_nd318_job(person, life.job, on))
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _nd318_job(person: Person, job: Job, on: str) -> Fields:
    contract: Fields = {"loai": job.contract_kind or _NO_CONTRACT}
    if job.contract_started_on is not None:
        contract["ngay_bat_dau"] = job.contract_started_on
    return {
        "chuc_vu": job.title,
        "nghe_nghiep": job.occupation,
        "hdld": contract,
        "dia_diem_lam_viec": {**address(person.residence, on), "khu_cong_nghiep": False},
        "ten_nsdld": job.workplace if job.employer_code else None,
        "ma_so_nsdld": job.employer_code,
        "loai_hinh": job.workplace_kind,
        "tru_so": address(person.residence, on) if job.employer_code else None,
        "nganh_kinh_te": job.industry,
    }


def _participation(person: Person) -> str:
    """0 none, 1 compulsory, 2 voluntary."""
    spell = person.life.spell
    return "0" if spell is None else "1" if spell.kind == "BB" else "2"
