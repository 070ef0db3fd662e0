"""The tables of `contracts/external` agree with the specifications beside them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

import contracts

EXTERNAL = Path(contracts.__file__).parent / "external"
XS = {"xs": "http://www.w3.org/2001/XMLSchema"}
WSDL = {"w": "http://schemas.xmlsoap.org/wsdl/"}
SYSTEMS = ("lgsp", "social_insurance", "labour_market")


def _rows(name: str) -> list[dict[str, str]]:
    with (EXTERNAL / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, strict=True))


def _openapi(system: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXTERNAL / system / "v1" / "openapi.yaml").read_text(encoding="utf-8"))
    return document


def _operations(system: str) -> set[str]:
    if system == "population":
        files = sorted((EXTERNAL / "population" / "v1").glob("*.wsdl"))
        found = [etree.parse(str(file)).findall("w:portType/w:operation", WSDL) for file in files]
        return {one.get("name", "") for operations in found for one in operations}
    return {
        operation["operationId"] for methods in _openapi(system)["paths"].values() for operation in methods.values()
    }


@pytest.mark.parametrize("row", _rows("envelopes.csv"), ids=lambda row: f"{row['system']}-{row['service']}")
def test_an_envelope_row_names_an_operation_of_its_system(row: dict[str, str]) -> None:
    assert row["service"] == "*" or row["service"] in _operations(row["system"])
    assert row["format"] in {"json", "xml"}
    assert row["scope"] in {"whole", "item"}
    assert (row["scope"] == "item") == bool(row["list_path"])


def test_every_operation_that_answers_in_an_envelope_has_a_row_of_its_own_or_of_its_system() -> None:
    rows = _rows("envelopes.csv")
    for system in ("population", "social_insurance"):
        own = {row["service"] for row in rows if row["system"] == system}
        assert _operations(system) - own == set()
    assert "*" in {row["service"] for row in rows if row["system"] == "labour_market"}


def test_a_retryable_code_is_called_retryable_in_the_list_of_codes() -> None:
    listed = {(row["system"], row["scope"], row["code"]): row["retryable"] for row in _rows("error_codes.csv")}
    for row in _rows("envelopes.csv"):
        for code in filter(None, row["retryable"].split("|")):
            known = listed.get((row["system"], row["scope"], code))
            assert known in {None, "yes"}, (row["service"], code)


def test_error_codes_are_named_once_and_in_two_languages() -> None:
    rows = _rows("error_codes.csv")
    keys = [(row["system"], row["scope"], row["code"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["meaning_vi"] and row["meaning_en"] and row["retryable"] in {"yes", "no"} for row in rows)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_reference_of_an_openapi_document_leads_somewhere(system: str) -> None:
    document = _openapi(system)

    def walk(node: object) -> None:
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                found: Any = document
                for part in target.removeprefix("#/").split("/"):
                    found = found[part]
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(document)


@pytest.mark.parametrize("system", ["social_insurance", "labour_market"])
def test_what_no_public_document_describes_is_marked_as_reconstructed(system: str) -> None:
    documented = {"getTraCuuTtHgdByMaSoBhxh", "getMaSoBhxhTheoTieuChi", "getTraCuuThongTinHgd"}
    for methods in _openapi(system)["paths"].values():
        for operation in methods.values():
            assert operation.get("x-recon", False) == (operation["operationId"] not in documented)


def test_the_reconstructed_services_of_population_say_so_in_both_files() -> None:
    for name in ("nguoilaodong.xsd", "nguoilaodong.wsdl"):
        assert "RECON" in (EXTERNAL / "population" / "v1" / name).read_text(encoding="utf-8")


def test_the_element_named_by_a_wsdl_message_exists_in_the_schema() -> None:
    folder = EXTERNAL / "population" / "v1"
    for name in ("congdan", "nguoilaodong"):
        declared = etree.parse(str(folder / f"{name}.xsd")).findall("xs:element", XS)
        parts = etree.parse(str(folder / f"{name}.wsdl")).findall("w:message/w:part", WSDL)
        assert {part.get("element", "").partition(":")[2] for part in parts} == {one.get("name") for one in declared}


def test_the_documented_fields_of_the_services_are_in_the_specifications() -> None:
    with (EXTERNAL.parent / "codelists" / "api_fields.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["service"].startswith("NGSP.apiBHXH.")]
    schemas = _openapi("social_insurance")["components"]["schemas"]
    for row in rows:
        name = f"{row['service'].rpartition('.')[2]}{row['direction'].capitalize()}"
        assert row["path"] in schemas[name]["properties"], (name, row["path"])
