"""Requirement 17: workbooks are parsed by a child process that has little memory, little time and no right to write."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.cli.sheets.bounds import HEAD_ROWS, LINE_BYTES_MAX, TableRefused
from gateway.cli.sheets.telling import heard, row_told
from gateway.cli.tables import open_table, read_rows, workbook
from gateway.cli.tables.confined import Confined, ReadingLimits
from gateway.cli.texts import say
from tests.unit.cli.conftest import HEADER, PERSON
from tests.unit.cli.test_reading_workbooks import DEFAULTS, with_sheet
from tests.unit.cli.test_reading_workbooks import workbook as written

START: Final = subprocess.Popen
LIMITS = ReadingLimits(memory_mib=512, cpu_s=20, wait_s=60)
HEAD = f"""
import sys
from gateway.cli.sheets.confinement import confine
from gateway.cli.sheets.telling import row_told, told
confine(int(sys.argv[2]), int(sys.argv[3]))
def say(line):
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
def sheet():
    say(told({{"book": ["DS"]}}))
    say(told({{"sheet": [9, 9]}}))
    say(row_told({list(HEADER)!r}))
    say(told({{"head": 1}}))
    sys.stdin.readline()
"""


def child(body: str) -> list[str]:
    """A program in the parser's place."""
    return [sys.executable, "-B", "-c", HEAD + textwrap.dedent(body)]


def refused(tmp_path: Path, body: str, limits: ReadingLimits = LIMITS) -> TableRefused:
    path = written(tmp_path / "a.xlsx", list(HEADER), list(PERSON))
    with pytest.raises(TableRefused) as found:
        list(workbook.read(path, limits, child(body)).lines)
    return found.value


def test_requirement_17_a_parser_that_wants_all_memory_is_stopped(tmp_path: Path) -> None:
    body = """
    sheet()
    try:
        kept = [bytearray(64 << 20) for _ in range(1_000)]
    except MemoryError:
        sys.exit(2)
    """
    assert refused(tmp_path, body).code == "reading-needs-too-much"


def test_requirement_17_two_cells_that_span_a_grid_larger_than_the_memory_are_refused(tmp_path: Path) -> None:
    """Within the limits on rows, columns and size; the parser would make 51 million cells of it, 1.6 GB."""
    corners = "".join(
        f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>' for column, row in (("A", 1), ("IV", 200_000))
    )
    path = with_sheet(tmp_path / "a.xlsx", f"<worksheet><sheetData>{corners}</sheetData></worksheet>".encode())
    with pytest.raises(TableRefused) as found:
        open_table(path, DEFAULTS)
    assert found.value.code == "reading-needs-too-much"
    assert found.value.values == {"path": "a.xlsx", "limit_mib": "1024"}


def test_requirement_17_a_parser_that_never_ends_is_stopped_by_its_processor_time(tmp_path: Path) -> None:
    assert refused(tmp_path, "while True: pass", ReadingLimits(512, 1, 300)).code == "reading-takes-too-long"


def test_requirement_17_a_parser_that_only_waits_is_stopped_by_our_clock(tmp_path: Path) -> None:
    body = "import threading\nsheet()\nthreading.Event().wait()"
    assert refused(tmp_path, body, ReadingLimits(512, 20, 3)).code == "reading-takes-too-long"


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(7)",
        "sheet()\nsay(row_told(['cut off'])[:5])\nsys.exit(0)",
        "import os\nos.kill(os.getpid(), 11)",
        "say(b'no JSON\\n')",
        "say(told({'sheet': [1, 1]}))",
        "say(told({'book': [1]}))",
        "say(told({'refused': 'error.of-its-own', 'values': {}}))",
        "sheet()\nsay(b'[' * 500_000 + b'\\n')",
        'sheet()\nsay(b\'[{"date": "soon"}]\\n\')',
        "sheet()\nsay(row_told([1] * 300))",
        "sheet()\nwhile True: say(b' ' * 65_536)",
    ],
)
def test_requirement_17_a_child_that_dies_or_talks_nonsense_is_a_refusal(tmp_path: Path, body: str) -> None:
    assert refused(tmp_path, body).code == "reading-broke-off"


def test_requirement_17_rows_before_the_break_are_given_and_the_break_is_told_after_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", list(HEADER), list(PERSON))
    body = f"sheet()\nsay(row_told({list(PERSON)!r}))\nsys.exit(1)"
    lines = workbook.read(path, LIMITS, child(body)).lines
    assert [next(lines).number, list(next(lines).cells)] == [1, list(PERSON)]
    with pytest.raises(TableRefused):
        next(lines)


def test_requirement_17_the_child_writes_no_file_starts_no_process_and_cannot_undo_that(tmp_path: Path) -> None:
    body = """
    import os, resource
    done = []
    def tried(what):
        try:
            what()
        except (OSError, ValueError):
            return
        done.append(what.__name__)
    def writes():
        at = os.open(sys.argv[1] + ".more", os.O_CREAT | os.O_WRONLY)
        os.write(at, b"x")
    def opens_many():
        kept = [os.open(sys.argv[1], os.O_RDONLY) for _ in range(64)]
    def raises_the_limit():
        if os.getuid() == 0:
            raise OSError
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    for what in (writes, opens_many, raises_the_limit):
        tried(what)
    say(told({"refused": "file-damaged", "values": {"done": ",".join(done), "core": resource.getrlimit(4)[0]}}))
    """
    found = refused(tmp_path, body)
    assert found.values == {"done": "", "core": "0"}


def test_requirement_17_the_child_is_given_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_HTTP__TOKEN", "not for a parser")
    body = "import os\nsay(told({'refused': 'file-damaged', 'values': {'names': ' '.join(os.environ)}}))"
    assert "LGSP" not in refused(tmp_path, body).values["names"]


def test_requirement_17_a_broken_pipe_ends_the_child_and_closing_leaves_none_behind(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", list(HEADER), *[list(PERSON)] * 3_000)
    confined = Confined(path, LIMITS)
    for _ in range(HEAD_ROWS + 3):
        confined.next()
    confined.ask(b"rest\n")
    confined.next()
    child_process = confined._child
    assert child_process.stdout is not None
    child_process.stdout.close()
    # It is in the middle of its rows, so it ends because nobody listens, and says nothing of it.
    assert child_process.wait(60) == 1
    confined.close()


def test_requirement_17_a_list_that_nobody_reads_to_its_end_leaves_no_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def noted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(START(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    rows = read_rows(written(tmp_path / "a.xlsx", list(HEADER), *[list(PERSON)] * 3_000), DEFAULTS)
    assert next(rows).number == 2
    del rows
    assert [child.returncode is not None for child in started] == [True]


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil.xml", "C:evil.xml"])
def test_requirement_17_a_member_that_names_another_place_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    path = written(tmp_path / "sub.xlsx", list(HEADER), list(PERSON))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), "<a/>")
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(TableRefused) as found:
        open_table(path, DEFAULTS)
    assert found.value.code == "archive-unsafe"
    assert sorted(tmp_path.parent.rglob("*")) == before


ENTITY = '<!DOCTYPE a [<!ENTITY e SYSTEM "{place}">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "{}"><!ENTITY e "{}">]>'.format("ha" * 50, "&a;" * 1_000)
SHEET = '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'


@pytest.mark.parametrize("before", [ENTITY, LAUGHS])
def test_requirement_17_a_document_type_in_a_sheet_is_refused(tmp_path: Path, before: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = with_sheet(tmp_path / "a.xlsx", (before.replace("{place}", secret.as_uri()) + SHEET).encode())
    with pytest.raises(TableRefused) as found:
        open_table(path, DEFAULTS)
    assert (found.value.code, found.value.values["part"]) == ("archive-unsafe", "DOCTYPE")


def test_requirement_17_a_document_type_that_hides_in_another_encoding_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = '<?xml version="1.0" encoding="UTF-16"?>' + ENTITY.replace("{place}", secret.as_uri()) + SHEET
    path = with_sheet(tmp_path / "a.xlsx", text.encode("utf-16"))
    with pytest.raises(TableRefused) as found:
        open_table(path, DEFAULTS)
    assert "secret" not in f"{found.value.code}{found.value.values}".replace("secret.txt", "")


def test_every_kind_of_cell_comes_through_the_pipe_as_it_was() -> None:
    cells: list[object] = [
        "Lò Văn Mẫu\n\u2028",
        12090000123,
        1.5,
        -0.0,
        float("inf"),
        True,
        None,
        dt.datetime.fromisoformat("1990-05-12T01:02:03.000004"),
        dt.date(1990, 5, 12),
        dt.time(1, 2, 3),
        dt.timedelta(days=-1, seconds=5, microseconds=7),
    ]
    said = row_told(cells)
    assert said.count(b"\n") == 1
    back = heard(said)
    assert isinstance(back, list)
    assert [(type(cell), cell) for cell in back] == [(type(cell), cell) for cell in cells]


def test_a_row_beyond_any_form_is_refused_before_it_is_sent_on(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", list(HEADER), list(PERSON), ["Mẫu " * 8_000] * 40)
    with pytest.raises(TableRefused) as found:
        list(read_rows(path, DEFAULTS))
    assert found.value.code == "line-too-long"
    assert found.value.values == {"limit": str(LINE_BYTES_MAX)}


def test_where_the_system_has_no_such_limits_the_file_is_still_read(tmp_path: Path) -> None:
    """Windows has no module `resource`: the same child, told so."""
    path = written(tmp_path / "a.xlsx", list(HEADER), list(PERSON))
    without = "import sys; sys.modules['resource'] = None; from gateway.cli.sheets.__main__ import main; "
    program = [sys.executable, "-B", "-c", without + "sys.exit(main(sys.argv[1:]))"]
    assert [line.number for line in workbook.read(path, LIMITS, program).lines] == [1, 2]


@pytest.mark.parametrize(
    "code", ["archive-unsafe", "reading-needs-too-much", "reading-takes-too-long", "reading-broke-off"]
)
def test_each_refusal_names_the_file_and_what_to_do(code: str) -> None:
    values = {"path": "danh-sach.xlsx", "part": "DOCTYPE", "limit_mib": "512"}
    vi, en = say(f"fault.{code}", "vi", **values), say(f"fault.{code}", "en", **values)
    assert values["path"] in vi
    assert values["path"] in en
    assert "nộp" in vi
    assert "submit" in en


def test_the_parser_is_not_loaded_in_our_own_process() -> None:
    asked = "import sys, gateway.cli.tables.opening as _; sys.exit('python_calamine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
