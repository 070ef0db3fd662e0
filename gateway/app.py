"""The application: the house behind its doors (HTTP and capture), started and stopped with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from contracts.worker import SystemName
from gateway.api import (
    audit,
    callers,
    entries,
    erasing,
    health,
    openapi,
    openapi_answers,
    openapi_callers,
    openapi_links,
    openapi_register,
    operations,
    propagation,
    quarantine,
    register,
    signed_receipts,
    tokens,
    watching,
    workers,
)
from gateway.api.admission import require_declared
from gateway.api.bodies import BodyReader
from gateway.api.caller import CallerCheck
from gateway.api.door import Door
from gateway.api.measuring import DoorTally, Measured
from gateway.api.problems import problem_response
from gateway.api.refusing import refusal_response
from gateway.api.short_way import ShortWay
from gateway.callers.rates import Rates
from gateway.capture.poller import CapturePoller
from gateway.capture.settings import CaptureSettings
from gateway.errors import Busy, ContractViolated, GatewayError, NotFound
from gateway.observability.metrics import Values
from gateway.roles import Role, has_doors, loops_of
from gateway.settings import Settings
from gateway.wiring import House, receiver
from gateway.wiring.limits import breaker_settings
from gateway.wiring.measuring import measure

TITLE = "LGSP Connector"
DOORS: Final = (
    entries,
    signed_receipts,
    erasing,
    register,
    quarantine,
    workers,
    operations,
    propagation,
    watching,
    audit,
    callers,
    tokens,
)
_log = structlog.get_logger("gateway.api")


def build_app(house: House, settings: Settings, token: str, role: Role = "all") -> FastAPI:
    """The application over a house that is not started yet; its lifespan starts and stops what belongs to the role."""
    app = FastAPI(
        title=TITLE,
        version="1",
        lifespan=_lifespan(house),
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        # A redirected POST would be sent twice, and a wrong address would look like a right one.
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    pollers = capture_pollers(house, settings)
    house.loops = loops_of(role, {**house.loops, **{f"capture.{name}": one.run for name, one in pollers.items()}})
    house.loops |= measure(house, role)
    if any(f"capture.{name}" in house.loops for name in pollers):
        house.metrics.add("lgsp_capture_changes_total", lambda: _changes(pollers))
    room = house.callers
    own_token = token if settings.callers.installation_token else None
    app.state.door = Door(
        house,
        CallerCheck(own_token, room.directory, room.tokens, room.proofs, settings.callers.public_url),
        BodyReader(settings.http.body_bytes_max, settings.http.body_timeout_s),
        Rates(),
    )
    parts = (*DOORS, health) if has_doors(role) else (health,)
    app.state.addresses = [route for part in parts for route in part.router.routes]
    require_declared(app.state.addresses)
    for part in parts:
        app.include_router(part.router)
    if has_doors(role):
        app.add_middleware(ShortWay)
    app.add_middleware(Measured, tally=_door_tally(house))
    app.add_exception_handler(GatewayError, _refused)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _crashed)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend its document
    return app


def _door_tally(house: House) -> DoorTally:
    tally = DoorTally()
    house.metrics.add("lgsp_http_requests_total", tally.requests.values)
    house.metrics.add_distribution("lgsp_http_request_seconds", tally.seconds)
    return tally


def _changes(pollers: Mapping[SystemName, CapturePoller]) -> Values:
    values: dict[tuple[str, ...], float] = {}
    for name, poller in pollers.items():
        news, read = poller.counts["entry"], poller.counts["change"]
        values |= {(name, "news"): news, (name, "known"): read - news}
    return values


def capture_pollers(house: House, settings: Settings) -> dict[SystemName, CapturePoller]:
    """One poller per system, as another door into the same intake; none when capture is switched off."""
    if not settings.capture.enabled:
        return {}
    limits = capture_settings(settings)
    return {
        name: CapturePoller(
            adapter, receiver(house.intake, f"capture.{name}"), house.records, house.database, house.clock, limits
        )
        for name, adapter in house.systems.items()
    }


def capture_settings(settings: Settings) -> CaptureSettings:
    """One feed's limits."""
    said = settings.capture
    return CaptureSettings(
        poll_interval_s=said.interval_s, changes_per_page_max=said.page_size_max, breaker=breaker_settings(said)
    )


def _lifespan(house: House) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await house.start()
        try:
            yield
        finally:
            await house.stop()

    return lifespan


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError), "registered for GatewayError"
    return await refusal_response(request, error)


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for HTTPException"
    code = "method-not-allowed" if error.status_code == 405 else "not-found"
    refusal = ContractViolated(code) if code == "method-not-allowed" else NotFound(code)
    response = await refusal_response(request, refusal)
    if error.status_code == 405:
        response.headers["Allow"] = _allowed(request, error)
    return response


def _allowed(request: Request, error: HTTPException) -> str:
    """Every method of the address (RFC 9110 section 10.2.1): routes of one path are several to the framework."""
    routes = [route for route in request.app.state.addresses if isinstance(route, Route)]
    here = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    # A path that is written out is its own address, also where it would fit the place of an id.
    exact = [route for route in here if route.path == request.url.path]
    methods = {method for route in exact or here for method in route.methods or ()}
    # A handler that refuses a method of its own route says what is allowed instead.
    said = (error.headers or {}).get("Allow", "")
    return said if request.method in methods else ", ".join(sorted(methods))


async def _crashed(request: Request, error: Exception) -> Response:
    # A bug, or a part that is down: the caller learns that the same again may work, the log learns where.
    _log.error("api.request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    return problem_response(request, Busy("unavailable"))


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}"


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version="1", openapi_version="3.1.0", routes=app.routes)
        openapi.name_path_parameters(document["paths"])
        openapi_links.add_links(document["paths"])
        schemas = openapi_answers.components() | openapi_callers.components() | openapi_register.components()
        document.setdefault("components", {})["schemas"] = schemas
        document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"bearer": []}]
        app.openapi_schema = document
    return app.openapi_schema
