"""Faults that entries have in real life, one at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

Entry = dict[str, Any]


def spoil(rng: random.Random, entry: Entry) -> None:
    """Give the entry one fault."""
    _FLAWS[int(rng.random() * len(_FLAWS))](entry["fields"])


def _lost_zero(fields: dict[str, Any]) -> None:
    fields["so_dinh_danh"] = fields["so_dinh_danh"][1:]


def _other_sex(fields: dict[str, Any]) -> None:
    fields["gioi_tinh"] = "2" if fields["gioi_tinh"] == "1" else "1"


def _other_year(fields: dict[str, Any]) -> None:
    fields["ngay_sinh"] = f"{int(fields['ngay_sinh'][:4]) + 10}{fields['ngay_sinh'][4:]}"


def _no_name(fields: dict[str, Any]) -> None:
    fields["ho_ten"] = ""


def _unknown_code(fields: dict[str, Any]) -> None:
    fields["tinh_trang_hdkt"] = "7"


def _contradiction(fields: dict[str, Any]) -> None:
    fields["tinh_trang_hdkt"] = "2" if fields["tinh_trang_hdkt"] != "2" else "1"


def _unknown_commune(fields: dict[str, Any]) -> None:
    fields["thuong_tru"] = {**fields["thuong_tru"], "ma_xa": "99999"}


_FLAWS: Final[tuple[Callable[[dict[str, Any]], None], ...]] = (
    _lost_zero,
    _other_sex,
    _other_year,
    _no_name,
    _unknown_code,
    _contradiction,
    _unknown_commune,
)
