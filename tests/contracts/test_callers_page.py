"""docs/callers.md says of roles, permissions, groups and purposes what the tables say."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest

from gateway.permissions import PURPOSES
from tests.architecture.tree import ROOT

PAGE: Final = (ROOT / "docs/callers.md").read_text("utf-8")
TABLES: Final = ROOT / "gateway/permissions"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(TABLES / name).read_text("utf-8").splitlines()))


ROLES: Final = [row["role"] for row in rows("roles.csv")]


@pytest.mark.parametrize("row", rows("roles.csv"), ids=lambda row: row["role"])
def test_the_page_says_who_has_a_role(row: dict[str, str]) -> None:
    assert f"| `{row['role']}` | {row['meaning_en']} | {row['unit']} |" in PAGE


@pytest.mark.parametrize("row", rows("permissions.csv"), ids=lambda row: row["permission"])
def test_the_page_says_what_a_role_may_do(row: dict[str, str]) -> None:
    cells = " | ".join(row[role] for role in ROLES)
    assert f"| `{row['permission']}` {row['meaning_en']} | {cells} |" in PAGE


@pytest.mark.parametrize("row", rows("fields.csv"), ids=lambda row: row["group"])
def test_the_page_says_what_a_role_is_shown(row: dict[str, str]) -> None:
    assert f"| {row['group']} | {' | '.join(row[role] for role in ROLES)} |" in PAGE


@pytest.mark.parametrize("row", rows("tiers.csv"), ids=lambda row: row["tier"])
def test_the_page_says_how_much_a_tier_may_ask(row: dict[str, str]) -> None:
    assert f"| `{row['tier']}` | {row['requests_per_s']} | {row['burst']} | {row['meaning_en']} |" in PAGE


@pytest.mark.parametrize("code", PURPOSES)
def test_the_page_lists_the_purposes(code: str) -> None:
    assert f"| `{code}` | {PURPOSES.label(code, 'en')} ({PURPOSES.label(code, 'vi')}) |" in PAGE
