"""There is one way out to other systems, and no switch that turns checks of certificates off (requirement 29)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import house_files, shown

CLIENTS = {"AsyncClient", "Client", "ClientSession", "AsyncHTTPTransport", "HTTPTransport", "urlopen"}
MAY_CALL = ("adapters/lgsp/transport.py", "gateway/cli/")
"""The way out; and the commands, which call the gateway's own door."""
SWITCHES = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context"}


def opened_clients(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if named in CLIENTS:
                yield node.lineno


def switched_off(tree: ast.AST) -> Iterator[int]:
    """`verify=False`, `ssl=False`, `check_hostname = False` and the names that mean the same."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"verify", "ssl", "check_hostname", "verify_ssl"}:
            if isinstance(node.value, ast.Constant) and not node.value.value:
                yield node.value.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is False:
            if any(isinstance(one, ast.Attribute) and one.attr == "check_hostname" for one in node.targets):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in SWITCHES:
            yield node.lineno


def test_other_systems_are_called_through_one_door() -> None:
    found = [
        f"{shown(file)}:{line}"
        for file in house_files()
        if shown(file).startswith(("adapters/", "gateway/")) and not shown(file).startswith(MAY_CALL)
        for line in opened_clients(ast.parse(file.read_text("utf-8")))
    ]
    assert found == [], "use adapters.lgsp.transport.open_client"


def test_no_check_of_certificates_can_be_switched_off() -> None:
    found = [
        f"{shown(file)}:{line}"
        for file in house_files()
        if shown(file).startswith(("adapters/", "gateway/"))
        for line in switched_off(ast.parse(file.read_text("utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize("code", ["f(verify=False)", "f(ssl=False)", "c.check_hostname = False", "ssl.CERT_NONE"])
def test_the_search_finds_what_switches_checks_off(code: str) -> None:
    assert list(switched_off(ast.parse(code))) == [1]


@pytest.mark.parametrize("code", ["httpx.AsyncClient(x)", "aiohttp.ClientSession()", "Client()", "urlopen(url)"])
def test_the_search_finds_clients(code: str) -> None:
    assert list(opened_clients(ast.parse(code))) == [1]
