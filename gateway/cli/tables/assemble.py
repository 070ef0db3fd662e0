"""A row of cells → an entry, by the layout that the header gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from contracts.canonical import Json, JsonObject
from contracts.codelists import load
from contracts.dates import is_iso_date
from contracts.forms import FieldSpec, spec
from gateway.cli.columns import Column
from gateway.cli.tables.addresses import commune_code, read_address
from gateway.cli.tables.cells import code_of, date_of, flag_of, text_of, value_of
from gateway.cli.tables.header import FORM_COLUMN, Layout, Layouts, Line
from gateway.cli.tables.rows import Cell, Defaults, Fault, Row

_KINH: Final = "01"
_MINORITY: Final = "6"
_SLIP_KINDS: Final = {"PTT": "collect", "BS": "add", "TD": "change"}
_UPDATE_SOURCES: Final = {"a": "procedure", "b": "proposal", "c": "other_database"}
_DATED: Final = frozenset({"declared_on", "collected_on"})
_SINGLE: Final = {"qualification": "ma", "contract": "loai"}
"""Which member a composite's only cell fills."""

_COMMUNE_DIGITS: Final = 5


def assembled(layouts: Layouts, lines: Iterator[Line], defaults: Defaults, *, exact: bool) -> Iterator[Row]:
    """Rows with an entry or with faults; a line without any text is no row."""
    for line in lines:
        if line.faults:
            yield Row(line.number, None, line.faults)
            continue
        if not any(map(_is_filled, line.cells)):
            continue
        faults = _count_faults(layouts.main, line.cells, exact=exact)
        layout = None if faults else _layout_of(layouts, line)
        if layout is None:
            yield Row(line.number, None, faults or (Fault("form-unknown", "form"),))
        else:
            yield _row(layout, line, defaults)


def _is_filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _layout_of(layouts: Layouts, line: Line) -> Layout | None:
    """The form that the row names; a row that leaves the cell empty is of the main form."""
    for column, cell in zip(layouts.main.columns, line.cells, strict=False):
        if column is not None and column.target == FORM_COLUMN:
            named = text_of(cell)
            return layouts.main if named is None else layouts.of_form.get(named)
    return layouts.main


def _count_faults(layout: Layout, cells: Sequence[Cell], *, exact: bool) -> tuple[Fault, ...]:
    wanted, given = len(layout.headers), len(cells)
    while given > wanted and cells[given - 1] in (None, ""):
        given -= 1
    if given > wanted or (exact and given < wanted):
        return (Fault("cell-count", "*", {"given": str(given), "wanted": str(wanted)}),)
    return ()


def _row(layout: Layout, line: Line, defaults: Defaults) -> Row:
    columns = zip(layout.columns, line.cells, strict=False)
    pairs = [(column, cell) for column, cell in columns if column is not None and cell is not None and cell != ""]
    around = {column.around: cell for column, cell in pairs if column.around is not None}
    entry, faults = _envelope(around)
    signed = next((date_of(cell) for column, cell in pairs if column.target == "ngay_khai"), None)
    declared = entry.get("declared_on") or signed or defaults.declared_on or entry.get("collected_on")
    if not faults and not (isinstance(declared, str) and is_iso_date(declared)):
        faults = [Fault("date-unreadable", "declared_on")]
    if faults:
        return Row(line.number, None, tuple(faults))
    entry["declared_on"] = declared
    fields = _fields(layout, pairs, str(declared))
    commune = fields.get("xa")
    if "commune" not in entry and isinstance(commune, str) and _is_commune_code(commune):
        entry["commune"] = commune
    if "commune" not in entry and defaults.commune is not None:
        entry["commune"] = defaults.commune
    return Row(line.number, {"form": layout.form, **entry, "fields": fields})


def _is_commune_code(text: str) -> bool:
    return len(text) == _COMMUNE_DIGITS and text.isascii() and text.isdigit()


def _envelope(around: dict[str, Cell]) -> tuple[JsonObject, list[Fault]]:
    """The entry's own members. They must be readable, or there is no entry that could be stored and doubted."""
    entry: JsonObject = {}
    faults: list[Fault] = []
    for name, cell in around.items():
        value = date_of(cell) if name in _DATED else text_of(cell)
        if value is None or name == "form":
            continue
        if name in _DATED and not is_iso_date(value):
            faults.append(Fault("date-unreadable", name))
        if name == "commune" and not _is_commune_code(value := commune_code(value)):
            faults.append(Fault("commune-unknown", name))
        entry[name] = _word(name, value)
    return entry, faults


def _word(name: str, value: str) -> str:
    if name == "slip_kind":
        return _SLIP_KINDS.get(load("slip_kind").code_of(value) or "", value)
    if name == "update_source":
        return _UPDATE_SOURCES.get(load("update_source_nd318_d20").code_of(value) or "", value)
    return value


def _fields(layout: Layout, pairs: list[tuple[Column, Cell]], declared_on: str) -> JsonObject:
    fields: JsonObject = {}
    questions = spec(layout.form).by_name
    for column, cell in pairs:
        if column.around is not None:
            continue
        question = questions[column.field]
        if column.member is not None:
            _put_member(fields, question, column.member, cell)
        elif column.mode == "of_everybody":
            _put_ethnic_group(fields, value_of(question, cell))
        else:
            _put_whole(fields, question, cell, declared_on)
    if layout.derives_activity:
        _derive_activity(fields)
    _split_workplace_kind(fields)
    return fields


def _put_whole(fields: JsonObject, question: FieldSpec, cell: Cell, declared_on: str) -> None:
    value: Json
    if question.kind in {"address", "place"}:
        text = text_of(cell)
        value = None if text is None else read_address(text, declared_on)
    elif question.kind in _SINGLE:
        code = code_of(cell, question.codelist)
        value = None if code is None else {_SINGLE[question.kind]: code}
    else:
        value = value_of(question, cell)
    held = fields.get(question.name)
    if isinstance(held, dict) and isinstance(value, dict):
        fields[question.name] = {**value, **held}
    elif isinstance(held, list) and isinstance(value, list):
        fields[question.name] = [*dict.fromkeys([*value, *held])]
    elif value is not None:
        fields[question.name] = value


def _put_member(fields: JsonObject, question: FieldSpec, member: str, cell: Cell) -> None:
    value = _member(question, member, cell)
    if value is None:
        return
    held = fields.get(question.name)
    fields[question.name] = {**(held if isinstance(held, dict) else {}), member: value}


def _member(question: FieldSpec, member: str, cell: Cell) -> Json:
    if member == "khu_cong_nghiep":
        return flag_of(cell)
    if member in {"ngay_ma", "ngay_bat_dau"}:
        return date_of(cell)
    if member == "ma_tinh":
        return code_of(cell, "provinces_2025")
    if member == _SINGLE.get(question.kind):
        return code_of(cell, question.codelist)
    text = text_of(cell)
    return commune_code(text) if member == "ma_xa" and text is not None else text


def _put_ethnic_group(fields: JsonObject, group: Json) -> None:
    """Mẫu số 03 asks for the group only of minorities, and to belong to one is priority group 6 by its wording."""
    if group is None or group == _KINH:
        return
    fields["dan_toc"] = group
    ticked = fields.get("doi_tuong_uu_tien")
    if not isinstance(ticked, list):
        fields["doi_tuong_uu_tien"] = [_MINORITY]
    elif _MINORITY not in ticked:
        fields["doi_tuong_uu_tien"] = [*ticked, _MINORITY]


def _derive_activity(fields: JsonObject) -> None:
    """One of the three answers is given: that is the status. None or several: the question stays open for a rule."""
    said = {
        "1": fields.get("cong_viec_cu_the"),
        "2": fields.get("thoi_gian_that_nghiep"),
        "3": fields.get("ly_do_khong_tham_gia"),
    }
    given = [code for code, value in said.items() if value is not None]
    if len(given) == 1:
        fields["tinh_trang_hdkt"] = given[0]


def _split_workplace_kind(fields: JsonObject) -> None:
    """Mẫu số 03 asks in two steps, "enterprise" and then which; a list names the kind of enterprise at once."""
    kind = fields.get("loai_hinh_noi_lam_viec")
    parent = _kinds_of_enterprise().get(kind) if isinstance(kind, str) else None
    if parent is not None and fields.get("loai_doanh_nghiep") in (None, kind):
        fields["loai_hinh_noi_lam_viec"], fields["loai_doanh_nghiep"] = parent, kind


@cache
def _kinds_of_enterprise() -> dict[str, str]:
    return {row["code"]: row["parent"] for row in load("workplace_type_tt11").rows if row["parent"]}
