"""Files as communes send them, and a call of the command line without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.cli.terminal import call
from tests.unit.cli.fake_gateway import FakeGateway

HEADER = (
    "ho_ten",
    "ngay_sinh",
    "gioi_tinh",
    "so_dinh_danh",
    "thuong_tru",
    "trinh_do_gdpt",
    "trinh_do_cmkt",
    "tinh_trang_hdkt",
)
PERSON = ("Lò Văn Mẫu", "12/05/1990", "Nam", "012090000123", "Bản Mẫu, xã Bum Tở", "4", "1", "1")


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def lgsp(fake: FakeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Call `lgsp` in a folder of its own, against the fake gateway."""
    monkeypatch.chdir(tmp_path)
    for name in ("LGSP_URL", "LGSP_LANG", "LGSP_TRACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LGSP_TOKEN", "secret-token")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: call(list(arguments), fake.transport)


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of a header and rows."""

    def write(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, name: str = "ds.csv") -> Path:
        lines = [",".join(f'"{cell}"' for cell in row) for row in (header, *rows)]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


def people(count: int) -> list[list[str]]:
    """Rows that differ in name and number."""
    return [[f"Lò Văn {number}", *PERSON[1:3], f"{12090000000 + number:012d}", *PERSON[4:]] for number in range(count)]
