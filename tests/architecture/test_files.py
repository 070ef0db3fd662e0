"""Sizes and names of source files."""

from __future__ import annotations

from tests.architecture.tree import ROOT, house_files, python_files, shown

LINES_TOO_MANY = 400
NAMES_THAT_SAY_NOTHING = {
    *("util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"),
    *("service", "handler", "handlers", "core"),
}


def test_a_file_that_reaches_400_lines_is_two_files() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: length for name, length in lengths.items() if length >= LINES_TOO_MANY} == {}


def test_a_module_is_named_after_a_thing_or_a_step() -> None:
    named = {shown(path): set(path.relative_to(ROOT).with_suffix("").parts) for path in python_files()}
    assert {name for name, parts in named.items() if parts & NAMES_THAT_SAY_NOTHING} == set()


def test_a_module_does_not_repeat_the_name_of_its_folder() -> None:
    stutters = [
        shown(path)
        for path in house_files()
        if path.stem == path.parent.name or path.stem.startswith(f"{path.parent.name}_")
    ]
    assert stutters == []
