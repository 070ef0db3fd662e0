"""What the pages tell people to type works, and what they name is there."""

from __future__ import annotations

import importlib.util
import re
import shlex
from typing import Final

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from gateway.cli.connection import TOKEN_VARIABLE, URL_VARIABLE
from gateway.cli.doctor import setting_lines
from gateway.cli.root import build
from gateway.cli.terminal import LANG_VARIABLE, TRACE_VARIABLE
from gateway.cli.verbs.options import PURPOSE_VARIABLE, REFERENCE_VARIABLE
from gateway.settings import FILE_VARIABLE, SECRETS_VARIABLE, Settings
from mock_services.__main__ import _parser as mocks_parser
from tests.architecture.tree import ROOT, house_files, project_files, shown
from tests.contracts.said import calls_of, marked, page, pages, shell_lines

LGSP: Final = build("en")
FOLDERS: Final = ("contracts/", "adapters/", "gateway/", "mock_services/", "ops/", "tests/", "docs/")
A_PATH: Final = re.compile(rf"(?:{'|'.join(FOLDERS)})[\w./-]+")
A_VARIABLE: Final = re.compile(r"LGSP_[A-Z_]+[A-Z]\b(?!…)")
AN_EVENT: Final = re.compile(
    r"(?:api|capture|chaining|gateway|intake|propagation|relay|verification)\.[a-z]+(?:_[a-z]+)+"
)
INVENTS: Final = re.compile(r"docs/add-a-\w+\.md")
"""Pages whose example makes files and names that are not there."""
NEXT_MIGRATION: Final = "gateway/store/migrations/versions/v0005_notes_of_communes.py"
"""The example of CONTRIBUTING."""


def fault_of(arguments: list[str]) -> str | None:
    """What the command line would say against these arguments; what is only begun (`lgsp db`) is well."""
    if arguments[:2] == ["mocks", "serve"]:
        mocks_parser().parse_args(arguments[1:])
        return None
    group, context, rest = LGSP, typer.Context(LGSP), without_global_options(arguments)
    while rest:
        below = group.get_command(context, rest[0])
        rest = rest[1:]
        if isinstance(below, TyperGroup):
            group = below
        elif isinstance(below, TyperCommand):
            return _fault_of_verb(below, rest, context)
        else:
            return "no such command"
    return None


def _fault_of_verb(verb: TyperCommand, arguments: list[str], context: typer.Context) -> str | None:
    try:
        verb.make_context("lgsp", arguments, parent=context)
    except typer.TyperException as error:
        return error.format_message()
    return None


def without_global_options(arguments: list[str]) -> list[str]:
    rest, queue = [], list(arguments)
    while queue:
        one = queue.pop(0)
        if one in {"--lang", "--url", "--token"}:
            queue.pop(0)
        elif one != "--help":
            rest.append(one)
    return rest


def test_every_command_in_a_shell_block_is_one_that_the_program_takes() -> None:
    faults = []
    for path in pages():
        for line in shell_lines(path.read_text(encoding="utf-8")):
            program, *arguments = shlex.split(line.split(" | ")[0])
            said = fault_of(arguments) if program == "lgsp" else None
            faults += [f"{shown(path)}: {line}: {said}"] if said else []
    assert faults == []


def test_every_command_in_prose_begins_as_one_that_exists() -> None:
    faults = []
    for name, arguments in calls_of("lgsp"):
        said = fault_of(arguments)
        if said is not None and not said.startswith("Missing"):
            faults.append(f"{name}: lgsp {' '.join(arguments)}: {said}")
    assert faults == []


@pytest.mark.parametrize(
    ("line", "said"),
    [("entries eat", "no such command"), ("doctor --loud", "loud"), ("workers show", "Missing"), ("run", None)],
)
def test_a_wrong_command_would_be_found(line: str, said: str | None) -> None:
    found = fault_of(line.split())
    assert found is None if said is None else said in str(found)


def test_every_target_of_make_and_every_module_in_the_pages_exists() -> None:
    makefile = page("Makefile")
    targets = [(name, words[0]) for name, words in calls_of("make")]
    modules = [(name, words[1]) for name, words in calls_of("python") if words[:1] == ["-m"]]
    assert [one for one in targets if f"\n{one[1]}:" not in makefile] == []
    assert [one for one in modules if importlib.util.find_spec(one[1]) is None] == []
    assert len(targets) > 5
    assert len(modules) > 2


def test_every_file_that_a_page_names_is_there() -> None:
    names = {shown(path) for path in project_files()}
    there = names | {f"{folder}/" for name in names for folder in _folders(name)}
    missing = [
        f"{shown(path)}: {word}"
        for path in pages()
        if not INVENTS.fullmatch(shown(path))
        for word in marked(path.read_text(encoding="utf-8"))
        if A_PATH.fullmatch(word)
        and word != NEXT_MIGRATION
        and not {word, f"{word}.py", f"{word.rstrip('/')}/"} & there
    ]
    assert missing == []


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:at]) for at in range(1, len(parts))]


def test_every_variable_that_a_page_names_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE_VARIABLE, "none.toml")
    known = {line.variable for line in setting_lines(Settings())}
    known |= {FILE_VARIABLE, SECRETS_VARIABLE, URL_VARIABLE, TOKEN_VARIABLE, LANG_VARIABLE, TRACE_VARIABLE}
    known |= {PURPOSE_VARIABLE, REFERENCE_VARIABLE}
    unknown = [
        f"{shown(path)}: {name}"
        for path in pages()
        if not INVENTS.fullmatch(shown(path))
        for name in A_VARIABLE.findall(path.read_text(encoding="utf-8"))
        if name not in known
        and name != "LGSP_HTPP__PORT"  # the page of settings shows a misspelt one
        and not any(one.startswith(f"{name}__") for one in known)
    ]
    assert unknown == []


def test_every_log_event_and_cause_in_the_runbooks_is_one_that_the_house_says() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in house_files())
    causes = code + "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("adapters/*/*.csv"))
    missing = []
    for path in (ROOT / "ops/runbooks").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        missing += [word for word in marked(text) if AN_EVENT.fullmatch(word) and f'"{word}"' not in code]
        missing += [f"{path.name}: {word}" for word in _causes(text) if word not in causes]
    assert missing == []


def _causes(text: str) -> list[str]:
    """First cells of the tables of causes; what a missing or unfit number is called is put together in the code."""
    table = text.partition("| cause |")[2]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    words = [word for cell in cells for word in re.findall(r"`([a-z-]+)`", cell)]
    return [word.removesuffix("-missing") if word.endswith("-missing") else word for word in words]
