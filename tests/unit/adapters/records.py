"""Plausible records, for any system: every field may be known, empty or not asked."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from contracts.communes import ALL
from contracts.worker import GROUPS, Groups, WorkerRecord

NUMBERS = st.text("0123456789", min_size=12, max_size=12)
_SYLLABLES = ("Lò", "Thị", "Giàng", "A", "Hoà", "Thuý", "Đức", "Vàng", "H'Mông", "Nguyễn", "Ê-đê", "lù", "PỜ", "Quý")
NAMES = st.lists(st.sampled_from(_SYLLABLES), min_size=1, max_size=6).map(" ".join)
TEXTS = st.one_of(
    NAMES,
    st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40),
    st.text("aâ &<>\"'\t\r\n", min_size=1, max_size=300),
)
_DAYS = st.dates().filter(lambda day: day.year >= 1900).map(lambda day: day.isoformat())
BIRTHS = st.one_of(_DAYS, _DAYS.map(lambda day: day[:7]), _DAYS.map(lambda day: day[:4]))
_MONTHS = _DAYS.map(lambda day: day[:7])
_FLAGS = st.booleans()


def codes(*known: str) -> st.SearchStrategy[str]:
    return st.sampled_from(known)


@st.composite
def addresses(draw: st.DrawFn) -> dict[str, Any]:
    commune = draw(
        st.one_of(
            st.none(),
            st.sampled_from([(one.code, one.valid_from) for one in ALL]),
            st.just(("03388", "2026-07-05")),
            st.just(("03391", "2020-01-01")),
            st.just(("00001", "2025-07-01")),
            st.just(("99999", "2024-01-01")),
        )
    )
    return {
        "province": draw(st.one_of(st.none(), codes("12", "01"))),
        "commune": commune[0] if commune else None,
        "commune_on": commune[1] if commune else None,
        "detail": draw(st.one_of(st.none(), TEXTS)),
    }


_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "basic": {
        "sex": codes("1", "2"),
        "cmnd": st.text("0123456789", min_size=9, max_size=9),
        "ethnic_group": codes("01", "04", "06", "08", "36", "55", "Mông"),
    },
    "residence": {"permanent": addresses(), "current": addresses(), "temporary": addresses()},
    "education": {
        "general_education": codes("1", "4"),
        "general_grade": codes("9/12", "12/12"),
        "technical_qualification": codes("1", "8", "9"),
        "training_field": TEXTS,
    },
    "situation": {
        "activity": codes("1", "2", "3", "7"),
        "inactive_reason": codes("1", "4", "9"),
        "employment_status": codes("1", "5"),
        "job_title": TEXTS,
        "occupation": codes("61", "8", "x"),
        "has_contract": _FLAGS,
        "contract_kind": codes("0", "1", "2"),
        "contract_started_on": st.one_of(_DAYS, st.just("2024-02-30")),
        "workplace_name": TEXTS,
        "workplace_kind": codes("1", "10", "52"),
        "workplace_address": addresses(),
        "in_industrial_zone": _FLAGS,
        "employer_code": codes("0100109106", "0100109106-001", " 12 ", "x" * 30),
        "employer_address": addresses(),
        "industry": codes("A", "011", "??"),
        "unemployment_history": codes("1", "2"),
        "unemployment_duration": codes("1", "3"),
        "unemployment_reason": codes("1", "9"),
    },
    "insurance": {
        "social_insurance_number": st.text("0123456789", min_size=10, max_size=10),
        "participation": codes("0", "1", "2"),
        "unemployment_insurance": _FLAGS,
        "insured_employer_code": TEXTS,
        "insured_employer_name": TEXTS,
        "insured_from": _MONTHS,
        "insured_to": _MONTHS,
        "movement": codes("TM", "GH", "XX"),
    },
    "special": {"priority_groups": st.lists(codes(*"12345678"), unique=True).map(sorted)},
    "needs": {"job_seeking": _FLAGS},
}


@st.composite
def records(draw: st.DrawFn) -> WorkerRecord:
    groups: dict[str, Any] = {
        group: draw(st.fixed_dictionaries({}, optional={name: st.none() | one for name, one in fields.items()}))
        for group, fields in _FIELDS.items()
        if group == "basic" or draw(st.booleans())
    }
    groups["basic"] |= {
        "personal_number": draw(NUMBERS),
        "full_name": draw(NAMES),
        "birth_date": draw(BIRTHS),
    }
    said: Groups = {name: groups[name] for name in GROUPS if name in groups}
    return WorkerRecord("w", 1, said, {})


def record(**groups: dict[str, Any]) -> WorkerRecord:
    """One record with a known identity, and what is given on top."""
    basic = {"personal_number": "012190000123", "full_name": "Lò Thị Hoà", "birth_date": "1990-05-12", "sex": "2"}
    merged = {**groups, "basic": basic | groups.get("basic", {})}
    return WorkerRecord("w", 1, cast(Groups, merged), {})
