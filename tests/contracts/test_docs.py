"""The pages say what is: their commands exist, their examples are taken, their steps lead where they promise."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from contracts.entry import Entry
from contracts.forms import check
from contracts.problems import Language
from gateway.cli.doctor import setting_lines
from gateway.cli.exit_codes import ExitCode
from gateway.cli.root import build
from gateway.settings import Settings
from gateway.store.schema import metadata
from tests.architecture.tree import ROOT, project_files, shown
from tests.contracts.pages import Block, blocks, copy_of_the_tree, edited, follow, run

PAGES: Final = [page for page in project_files() if page.suffix == ".md"]
GLOBAL_WITH_VALUE: Final = {"--lang", "--url", "--token"}
ELSEWHERE: Final = {"curl", "df", "fuser", "ls", "source", "ruff"}
"""Programs that are not ours."""
ASSIGNMENT: Final = re.compile(r"[A-Z_0-9]+=\S*")
INLINE_COMMAND: Final = re.compile(r"`lgsp ([^`…|]+)`")
VARIABLE: Final = re.compile(r"\bLGSP_[A-Z0-9]+(?:__[A-Z0-9_]*[A-Z0-9])\b(?!…)")
HEADING: Final = re.compile(r"^(#+) ", re.MULTILINE)
FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PICTURE: Final = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
PATH: Final = re.compile(r"`([a-z_]+/[\w/.-]*)`")


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    page: Path
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{shown(self.page)}: {' '.join(self.words)}"


def _commands(page: Path, block: Block) -> Iterator[Command]:
    for line in block.text.replace("\\\n", " ").splitlines():
        for part in line.split(" | "):
            words = shlex.split(part, comments=True)
            while words and ASSIGNMENT.fullmatch(words[0]):
                del words[0]
            if words:
                yield Command(page, tuple(words))


COMMANDS: Final = [
    command for page in PAGES for block in blocks(page) if block.language == "sh" for command in _commands(page, block)
]


def parse(words: list[str], *, whole: bool = True) -> None:
    """As `lgsp` reads them, without doing it. Raises TyperException; `whole` False: arguments may be left out."""
    command: Any = _root()
    left = _without_global_options(words)
    while hasattr(command, "commands") and left:
        name = left.pop(0)
        if name.startswith("-"):
            assert name == "--help", name
            return
        assert name in command.commands, f"there is no command {name}"
        command = command.commands[name]
    if whole:
        command.make_context("lgsp", left)
        return
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.partition("=")[0] for word in left if word.startswith("--")} <= options | {"--help"}


@cache
def _root() -> Any:
    return build("en")


def _without_global_options(words: list[str]) -> list[str]:
    left: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word in GLOBAL_WITH_VALUE:
            del queue[0]
        else:
            left.append(word)
    return left


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_of_the_pages_exists(command: Command) -> None:
    program, *rest = command.words
    match program:
        case "lgsp":
            parse(rest)
        case "python" | "python3":
            assert rest[0] == "-m"
            assert importlib.util.find_spec(rest[1]) is not None, rest[1]
        case "make":
            targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
            assert {word for word in rest if "=" not in word} <= set(targets)
        case _:
            assert program in ELSEWHERE
    for word in rest:
        if word.startswith("@"):
            assert (ROOT / word[1:]).exists(), f"{word} is sent, and is not there"


@pytest.mark.parametrize(
    "wrong", ["entries sumbit f.csv", "doctor --yson", "quarantine release ID", "serve --role api"]
)
def test_a_command_that_does_not_exist_would_be_seen(wrong: str) -> None:
    with pytest.raises((AssertionError, typer.TyperException)):
        parse(shlex.split(wrong))


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_a_command_inside_a_sentence_exists(page: Path) -> None:
    for words in INLINE_COMMAND.findall(FENCED.sub("", page.read_text("utf-8"))):
        if words.isupper() or re.fullmatch(r"serve [a-z|]+\|[a-z|]+|serve ROLE", words):
            continue
        parse(shlex.split(words.partition("|")[0]), whole=False)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    known = {line.variable for line in setting_lines(Settings())}
    assert set(VARIABLE.findall(page.read_text("utf-8"))) - known <= {"LGSP_TARGETS__HEALTH_INSURANCE__BASE_URL"}


EXAMPLES: Final = [(page, block) for page in PAGES for block in blocks(page) if block.language == "json"]


@pytest.mark.parametrize(("page", "block"), EXAMPLES, ids=[f"{shown(page)}" for page, _ in EXAMPLES])
def test_an_example_of_an_entry_is_taken(page: Path, block: Block) -> None:
    example = json.loads(block.text)
    if "form" in example:
        entry = Entry.model_validate(example)
        assert check(entry.form, entry.fields) == ()


def test_both_readmes_say_the_same_in_the_same_order() -> None:
    english, vietnamese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.vi.md"))
    assert FENCED.findall(english) == FENCED.findall(vietnamese)
    prose = [FENCED.sub("", text) for text in (english, vietnamese)]
    assert HEADING.findall(prose[0]) == HEADING.findall(prose[1])
    assert [line[:2] for line in prose[0].splitlines() if line[:2] in {"| ", "- "}] == [
        line[:2] for line in prose[1].splitlines() if line[:2] in {"| ", "- "}
    ]
    pictures = [PICTURE.search(text) for text in prose]
    assert all(picture and (ROOT / picture.group(1)).exists() for picture in pictures)


@pytest.mark.parametrize(("name", "language"), [("README.md", "en"), ("README.vi.md", "vi")])
def test_the_readme_tells_every_exit_code_as_the_program_does(name: str, language: Language) -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    told = {int(code): meaning.casefold() for code, meaning in rows}
    assert told == {code.value: code.meaning(language).casefold() for code in ExitCode}


def test_the_glossary_leads_to_places_that_exist() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text("utf-8")
    assert [path for path in PATH.findall(glossary) if not (ROOT / path).exists()] == []


def test_the_architecture_names_every_table() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [table for table in metadata.tables if f"`{table}`" not in page] == []


def test_every_cause_of_a_refusal_or_a_delay_is_in_its_runbook() -> None:
    runbooks = {
        "no": (ROOT / "ops/runbooks/dead-letters.md").read_text("utf-8"),
        "yes": (ROOT / "ops/runbooks/target-down.md").read_text("utf-8"),
    }
    with (ROOT / "adapters/lgsp/causes.csv").open(encoding="utf-8") as table:
        unexplained = {
            row["cause"] for row in csv.DictReader(table) if f"`{row['cause']}`" not in runbooks[row["later"]]
        }
    assert unexplained == set()


FOLLOWED: Final = ("docs/add-a-system.md", "docs/add-a-rule.md", "docs/add-a-field.md")
WRITES_ANEW: Final = (
    "from contracts import publish; from gateway.quality import document; publish.write(); document.write()"
)
PROOFS: Final = (
    "tests/conformance/test_health_insurance.py",
    "tests/unit/quality/test_rules.py",
    "tests/unit/quality/test_catalogue.py",
    "tests/unit/contracts/test_foreign_language.py",
    "tests/unit/contracts/test_forms_specification.py",
    "tests/unit/contracts/test_forms_page.py",
    "tests/contracts/test_published.py",
    "tests/contracts/test_rules_page.py",
)


def test_a_reader_who_follows_the_pages_gets_there(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    written = [file for page in FOLLOWED for file in follow(ROOT / page, tree)]
    assert {"adapters/health_insurance/adapter.py", "gateway/quality/rules.toml", "contracts/worker.py"} <= set(written)
    anew = run(["-c", WRITES_ANEW], tree)
    assert anew.returncode == 0, anew.stderr
    # Of the cases of all other rules nothing has changed.
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not DUNG and not DU- and not SACH or DUNG-090"]
    tested = run([*command, *PROOFS], tree)
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
    assert " passed" in tested.stdout


def test_a_diff_that_does_not_fit_is_told() -> None:
    assert edited("a\nb\nc\n", "@@\n a\n-b\n+B\n@@\n c\n+d\n") == "a\nB\nc\nd\n"
    with pytest.raises(AssertionError, match="0 times"):
        edited("a\n", " b\n+c\n")
    with pytest.raises(AssertionError, match="2 times"):
        edited("a\na\n", "-a\n+b\n")
