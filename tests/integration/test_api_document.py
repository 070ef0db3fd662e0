"""The OpenAPI document says what the door does; health says whether it can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import httpx
import jsonschema
import pytest
from starlette.routing import Route

from contracts.forms import FORMS, example
from gateway.api import health
from gateway.app import DOORS
from tests.integration.api_door import ApiDoor, opened

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATION = {
    "type": "object",
    "required": ["responses", "operationId", "summary"],
    "properties": {
        "operationId": {"type": "string", "pattern": "^[A-Za-z0-9_]+$"},
        "summary": {"type": "string", "minLength": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "parameters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "in", "schema", "description"],
                "properties": {"in": {"enum": ["query", "header", "path", "cookie"]}, "required": {"type": "boolean"}},
            },
        },
        "requestBody": {
            "type": "object",
            "required": ["content"],
            "properties": {"content": {"type": "object", "minProperties": 1}},
        },
        "responses": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^([1-5][0-9][0-9]|[1-5]XX|default)$"},
            "additionalProperties": {"type": "object", "required": ["description"]},
        },
    },
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDoor]:
    folder = tmp_path_factory.mktemp("door")
    with opened(folder, f"sqlite:///{folder / 'lgsp.sqlite3'}") as made:
        yield made


@pytest.fixture(scope="module")
def document(door: ApiDoor) -> dict[str, Any]:
    answer = door.http.get("/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS, (path, method)
            yield path, method, operation


PUBLIC: Final = ("/livez", "/readyz", "/.well-known/oauth-authorization-server")


def _routes() -> set[tuple[str, str]]:
    routes = [route for part in (*DOORS, health) for route in part.router.routes if isinstance(route, Route)]
    return {(route.path, method.lower()) for route in routes for method in route.methods or ()}


def test_the_document_lists_the_routes_and_nothing_else(document: dict[str, Any]) -> None:
    assert {(path, method) for path, method, _ in _operations(document)} == _routes()


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"]
    for path, method, operation in _operations(document):
        jsonschema.validate(operation, OPERATION)
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert all(one["required"] for one in operation.get("parameters", ()) if one["in"] == "path")
        pairs = [(one["name"], one["in"]) for one in operation.get("parameters", ())]
        assert len(pairs) == len(set(pairs)), (method, path)
        assert any(status.startswith("4") for status in operation["responses"]) or path in PUBLIC


def test_operation_ids_are_different(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(ids) == len(set(ids))


def test_every_schema_is_one_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in set(_references(document)):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def _without_nulls(value: Any) -> Any:
    """FastAPI leaves nulls out of its document."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


@pytest.mark.parametrize("form", FORMS)
def test_the_examples_are_valid_and_accepted_as_they_stand(door: ApiDoor, document: dict[str, Any], form: Any) -> None:
    submitted = document["paths"]["/v1/entries"]["post"]["requestBody"]["content"]["application/json"]
    assert submitted["examples"][form]["value"] == _without_nulls(example(form))
    whole = {**submitted["schema"], "components": document["components"]}
    jsonschema.validate(example(form), whole)
    answer = door.http.post("/v1/entries", json=example(form))
    assert answer.status_code == 201, answer.text
    jsonschema.validate(answer.json(), {"$ref": "#/components/schemas/Receipt", "components": document["components"]})


def test_problems_and_batches_are_as_documented(door: ApiDoor, document: dict[str, Any]) -> None:
    components = document["components"]
    problem = door.http.post("/v1/entries", json=[]).json()
    jsonschema.validate(problem, {"$ref": "#/components/schemas/Problem", "components": components})
    batch = door.http.post("/v1/entries", json={"entries": [door.entry(), {}]}).json()
    whole = {"$ref": "#/components/schemas/ReceiptOrReceipts", "components": components}
    jsonschema.validate(batch, whole)


def test_the_document_needs_no_token_to_say_that_everything_else_does(document: dict[str, Any], door: ApiDoor) -> None:
    with httpx.Client(base_url=door.http.base_url, trust_env=False) as stranger:
        for path, method, operation in _operations(document):
            concrete = re.sub(r"{\w+}", "00000000-0000-4000-8000-000000000000", path)
            answer = stranger.request(method, concrete)
            needs_token = operation.get("security", document["security"]) != []
            assert (answer.status_code == 401) is needs_token, (method, path, answer.status_code)
            if needs_token:
                assert "401" in operation["responses"]


def test_alive_and_ready_are_two_questions(door: ApiDoor) -> None:
    assert door.http.get("/livez").json() == {"state": "alive"}
    ready = door.http.get("/readyz")
    assert ready.status_code == 200
    # The targets of this gateway are not there, which is nobody's reason to keep entries out.
    assert ready.json() == {"state": "ready", "checks": {"database": "ok", "keys": "ok", "audit": "ok", "stream": "ok"}}


def test_no_answer_is_kept_by_a_cache_or_guessed_at_by_a_browser(door: ApiDoor) -> None:
    for path in ("/v1/status", "/v1/quarantine", "/livez", "/nowhere"):
        answer = door.http.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
