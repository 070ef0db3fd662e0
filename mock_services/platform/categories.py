"""Shared categories (dmdc): rows from the code lists, and rows posted by callers."""

from __future__ import annotations

from typing import Any, Final

from contracts.codelists import load

Row = dict[str, Any]
_LISTS: Final = {
    "donvihanhchinhcap1": "provinces_2025",
    "donvihanhchinhcap3": "laichau_communes_2025",
    "madantoc": "ethnic_groups",
    "magioitinh": "gender",
    "matinhtranghonnhan": "marital_status_csdldc",
    "manhommau": "blood_group_csdldc",
}
METADATA: Final = (
    {"PropertyCode": "MA", "PropertyName": "Mã", "PropertyType": "string"},
    {"PropertyCode": "TEN", "PropertyName": "Tên", "PropertyType": "string"},
)


class Categories:
    """Rows by category code."""

    def __init__(self) -> None:
        self._posted: dict[str, list[Row]] = {}

    def rows(self, code: str) -> list[Row] | None:
        """All rows; None for an unknown category."""
        if code not in _LISTS:
            return None
        listed = load(_LISTS[code])
        return [{"MA": key, "TEN": listed.label(key)} for key in listed] + self._posted.get(code, [])

    def post(self, code: str, rows: list[Row]) -> Row:
        """All or nothing; the message says which record stood in the way, with HTTP 200."""
        known = {row["MA"] for row in self.rows(code) or ()}
        for place, row in enumerate(rows, start=1):
            if not isinstance(row.get("MA"), str):
                return {"MSG": f"Data not insert: Record {place}: MA is required", "Count": 0}
            if row["MA"] in known:
                return {"MSG": f"Data not insert: Record {place}: MA is duplicate", "Count": 0}
            known.add(row["MA"])
        self._posted.setdefault(code, []).extend(rows)
        return {"MSG": "Done", "Count": len(rows)}

    def clear(self) -> None:
        """Forget posted rows."""
        self._posted.clear()
