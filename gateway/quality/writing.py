"""The texts of a statement as they were given, before any repair, and which of them are worth a closer look.

Nearly all text is plain Vietnamese Unicode; one pass over all of it at once says so, and the rules look no further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, TypeAlias, cast

from contracts.entry import FormName
from contracts.forms import spec
from contracts.worker import GroupName, Groups

Texts: TypeAlias = tuple[tuple[str, str], ...]
"""(name of a field, its text)."""

_LETTERS: Final = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýÑñĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9"
_PLAIN: Final = f"\t\n\r -~\u00a0{_LETTERS}\u2018\u2019\u201c\u201d\u2013\u2014\u2026"
_NOT_PLAIN: Final = re.compile(f"[^{_PLAIN}]")
# What has a letter above Latin-1 and is otherwise plain was typed as Unicode.
_BEYOND_LATIN1: Final = re.compile("[^\x00-\xff]")
_MEMBER: Final[Mapping[str, str]] = {"address": "chi_tiet", "place": "chi_tiet", "qualification": "nganh"}
_IN_RECORD: Final = (
    "basic.full_name",
    "education.general_grade",
    "education.training_field",
    "situation.job_title",
    "situation.workplace_name",
    "insurance.insured_employer_name",
)
_DETAILS: Final = (
    "residence.permanent",
    "residence.current",
    "residence.temporary",
    "situation.workplace_address",
    "situation.employer_address",
)


@cache
def _of_form(form: FormName) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Fields that are text, and fields with a member that is."""
    fields = spec(form).fields
    plain = tuple(field.name for field in fields if field.kind == "text")
    return plain, tuple((field.name, _MEMBER[field.kind]) for field in fields if field.kind in _MEMBER)


def texts_of_form(form: FormName, fields: Mapping[str, object]) -> Texts:
    """Every text of a payload that is not empty."""
    plain, composite = _of_form(form)
    given = fields.get
    found = [(name, value) for name in plain if (value := given(name)) and isinstance(value, str)]
    for name, member in composite:
        value = given(name)
        if isinstance(value, dict) and (words := value.get(member)) and isinstance(words, str):
            found.append((name, words))
    return tuple(found)


def texts_of_groups(groups: Groups) -> Texts:
    """Every text of a statement of another database that is not empty."""
    found = []
    for path in _IN_RECORD:
        value = _at(groups, path)
        if isinstance(value, str) and value:
            found.append((path, value))
    for path in _DETAILS:
        value = _at(groups, path)
        if isinstance(value, dict) and (words := value.get("detail")) and isinstance(words, str):
            found.append((path, words))
    return tuple(found)


def _at(groups: Groups, path: str) -> object:
    group, _, field = path.partition(".")
    values = groups.get(cast(GroupName, group))
    return values.get(field) if values else None


def doubtful(texts: Texts) -> Texts:
    """The texts that may hold a legacy encoding, control or invisible characters, or letters of another script."""
    joined = "\n".join([text for _, text in texts])
    plain = _NOT_PLAIN.search(joined) is None
    if plain and joined.isascii():
        return ()
    return tuple(
        (name, text)
        for name, text in texts
        if (not text.isascii() and _BEYOND_LATIN1.search(text) is None) or (not plain and _NOT_PLAIN.search(text))
    )


# Whole answers that say nothing. "Không" alone is one: the form has a box, or null, for it.
_FILLERS: Final = frozenset(
    {
        *("không", "khong", "ko", "k", "không có", "khong co", "chưa có", "chua co", "không biết", "không rõ"),
        *("khong ro", "chưa rõ", "x", "xx", "xxx", "xxxx", "test", "abc", "abcd", "aaa", "asdf", "qwerty"),
        *("n/a", "na", "null", "none", "nil", "unknown", "?", "??", "???", ".", "..", "...", "-", "--", "---", "_"),
        *("0", "00", "000", "123"),
    }
)


def is_filler(text: str) -> bool:
    """A text that only fills the box."""
    return text.strip().lower() in _FILLERS


def has_filler(texts: Texts) -> bool:
    """Is one of them a filler?"""
    return not _FILLERS.isdisjoint([text.strip().lower() for _, text in texts])
