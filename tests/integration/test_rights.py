"""Every route against every role: who may is what the table `gateway/permissions/permissions.csv` says, and no code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.api import health
from gateway.api.admission import PUBLIC, permission_of, require_declared
from gateway.app import DOORS
from gateway.permissions import PERMISSIONS, ROLES
from tests.integration.api_door import ApiDoor
from tests.integration.callers_world import Program, administrators, client_of, confirmed, door, person, proposed

__all__ = ["administrators", "door"]
PARTS: Final = (*DOORS, health)
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
PLACES: Final = {
    "entry_id": NOBODY,
    "batch": NOBODY,
    "worker_id": NOBODY,
    "target": "population",
    "name": "no-such-caller",
    "key_id": "0" * 16,
    "number": "999999",
    "case": "I-999999",
}
COMMUNES: Final = {"own": "03388", "other": "03439"}
REFUSED: Final = (401, 403)


def routes() -> Iterator[tuple[str, str, str]]:
    """(method, path with its places filled, permission)."""
    for part in PARTS:
        for route in part.router.routes:
            assert isinstance(route, Route)
            needed = permission_of(route)
            assert needed is not None
            path = re.sub(r"{(\w+)}", lambda place: PLACES[place[1]], route.path)
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield method, path, needed


ROUTES: Final = list(routes())


@pytest.fixture(scope="module")
def everybody(door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]) -> Mapping[str, httpx.Client]:
    """One caller per role, and for communes one of another commune."""
    made: dict[str, httpx.Client] = {"administrator": administrators[0], "installation": door.http}
    for role, text in ROLES.items():
        if text.kind == "person" and role not in made:
            unit = COMMUNES["own"] if text.unit == "commune" else "12"
            made[role] = person(door, f"the-{role}", role=role, unit=unit)
    made["commune_officer of another commune"] = person(
        door, "elsewhere", role="commune_officer", unit=COMMUNES["other"]
    )
    made["system"] = _system(door)
    made["anonymous"] = client_of(door, "")
    return made


def _system(door: ApiDoor) -> httpx.Client:
    confirmed(proposed(door, "client", name="a-system", role="system"))
    made = Program(door, "a-system").lgsp_token()
    return client_of(door, f"Bearer {made}")


def ask(caller: httpx.Client, method: str, path: str) -> httpx.Response:
    body: Any = None if method in ("GET", "DELETE") else {}
    return caller.request(method, path, json=body)


@pytest.mark.parametrize(("method", "path", "needed"), ROUTES, ids=[f"{one[0]} {one[1]}" for one in ROUTES])
def test_a_route_lets_in_who_has_its_permission_and_nobody_else(
    everybody: Mapping[str, httpx.Client], method: str, path: str, needed: str
) -> None:
    """Requirement 2. Places are filled with what does not exist, so that whoever is let in changes nothing."""
    for who, caller in everybody.items():
        answer = ask(caller, method, path)
        assert answer.status_code < 500, (who, answer.text)
        if needed == PUBLIC:
            assert "permission-missing" not in answer.text, who
        elif who == "anonymous":
            assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")
        elif who.partition(" ")[0] in PERMISSIONS[needed]:
            assert answer.status_code not in REFUSED, (who, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "permission-missing"), (who, answer.text)


def test_a_route_that_says_nothing_stops_the_start() -> None:
    """Requirement 2: a forgotten check is no open door."""
    router = APIRouter()

    @router.get("/forgotten")
    async def forgotten(_: Request) -> Response:
        return Response()

    with pytest.raises(RuntimeError, match="/forgotten"):
        require_declared(router.routes)


def test_the_routes_are_all_there_is(door: ApiDoor) -> None:
    """Requirement 40: what answers is what the table speaks of."""
    documented = door.http.get("/v1/openapi.json").json()["paths"]
    assert sum(len(operations) for operations in documented.values()) == len(ROUTES)
    for closed in ("/docs", "/redoc", "/metrics", "/debug", "/admin"):
        assert door.http.get(closed).status_code == 404


def test_every_permission_is_needed_somewhere() -> None:
    needed = {needed for _, _, needed in ROUTES} | {"workers.reveal"}
    assert set(PERMISSIONS) == needed - {PUBLIC}
