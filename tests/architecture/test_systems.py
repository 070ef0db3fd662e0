"""A system is named in the contract and in the table that builds it; whoever else needs the names derives them."""

from __future__ import annotations

import ast
from typing import get_args

from contracts.worker import SystemName
from gateway.settings import TargetsSettings
from gateway.wiring.systems import SYSTEMS
from tests.architecture.tree import house_files, shown

NAMES = set(get_args(SystemName))
BY_HAND = {
    "contracts/worker.py",  # the names themselves
    "gateway/wiring/systems.py",  # the table that docs/add-a-system.md names
    "mock_services/street.py",  # the mocks are a witness of their own
    "gateway/cli/demonstration/street.py",  # the story is told with those mocks
}


def _texts(node: ast.AST) -> set[object]:
    listed: list[ast.expr | None] = []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        listed = [*node.elts]
    elif isinstance(node, ast.Dict):
        listed = node.keys
    return {one.value for one in listed if isinstance(one, ast.Constant)}


def test_nobody_else_lists_the_systems_by_hand() -> None:
    listing = {
        shown(path)
        for path in house_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _texts(node) >= NAMES
    }
    assert listing <= BY_HAND


def test_every_system_of_the_contract_is_built_and_has_settings() -> None:
    assert set(SYSTEMS) == set(TargetsSettings.model_fields) == NAMES
