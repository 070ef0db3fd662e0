"""LayThayDoi (RECON): the feed by window of time and page, or after an id."""

from __future__ import annotations

from lxml import etree

from mock_services.calls import Answer
from mock_services.feed import Feed, Row
from mock_services.population.soap import respond, text_of, xml_of


def answer_changes(feed: Feed, request: etree._Element) -> Answer:
    """The page asked for, with the number of all rows that the question has."""
    size = int(text_of(request, "SoBanGhi") or 1)
    after_id = text_of(request, "SauMa")
    if after_id is not None:
        start, stop, skipped = feed.after(int(after_id)), len(feed), 0
    else:
        start, stop = feed.between(int(text_of(request, "TuNgay") or 0), int(text_of(request, "DenNgay") or 0))
        skipped = (int(text_of(request, "Trang") or 1) - 1) * size
    total, rows = _chosen(feed, start, stop, text_of(request, "Loai") or "0", skipped, size)
    inner = f"<TongSo>{total}</TongSo>" + "".join(_written(row) for row in rows)
    return respond("LayThayDoi", inner, f"{len(rows)} rows")


def _chosen(feed: Feed, start: int, stop: int, kind: str, skipped: int, size: int) -> tuple[int, list[Row]]:
    if kind == "0":
        first = start + skipped
        return max(stop - start, 0), feed.rows(first, min(first + size, stop))
    fitting = [row for row in feed.rows(start, stop) if row.kind == kind]
    return len(fitting), fitting[skipped : skipped + size]


def _written(row: Row) -> str:
    body = b'{"CongDan":' + (row.extra or b"null") + b',"NguoiLaoDong":' + (row.held or b"null") + b"}"
    values = {
        "MaThayDoi": row.change_id,
        "ThoiDiem": row.at_ms,
        "Loai": row.kind,
        "SoDinhDanh": row.number,
        "Body": body.decode("utf-8"),
    }
    return f"<CongDan>{xml_of(values)}</CongDan>"
