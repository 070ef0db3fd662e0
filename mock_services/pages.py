"""Pages for people and tests, below `/_mock` of every simulated system."""

from __future__ import annotations

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_services.calls import SimulatedSystem, Unacceptable
from mock_services.faults import Fault, FaultBook
from mock_services.journal import SHOWN_MAX, Journal

_PAGE_MAX = 10_000
_FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() else default


class Pages:
    """One instance per system."""

    def __init__(self, system: SimulatedSystem, faults: FaultBook, journal: Journal) -> None:
        self.system = system
        self.faults = faults
        self.journal = journal

    def application(self) -> Starlette:
        """The routes."""
        return Starlette(
            routes=[
                Route("/_mock/health", self.health),
                Route("/_mock/people", self.people),
                Route("/_mock/people", self.change, methods=["POST"]),
                Route("/_mock/people/{number}", self.person),
                Route("/_mock/journal", self.calls),
                Route("/_mock/journal", self.forget_calls, methods=["DELETE"]),
                Route("/_mock/faults", self.faults_in_force),
                Route("/_mock/faults", self.add_faults, methods=["POST"]),
                Route("/_mock/faults", self.end_faults, methods=["DELETE"]),
                Route("/_mock/reset", self.reset, methods=["POST"]),
            ]
        )

    async def health(self, _: Request) -> Response:
        """Who this is, and counts."""
        return _json({"system": self.system.name, **self.system.health()})

    async def people(self, request: Request) -> Response:
        """People written so far: `?after=` is `next` of the page before, `?limit=` at most 10,000."""
        after = _number(request, "after", 0, 10**9)
        return _json(self.system.people(after, max(1, _number(request, "limit", 1_000, _PAGE_MAX))))

    async def person(self, request: Request) -> Response:
        """All that is held of one person."""
        return _json(self.system.person(request.path_params["number"]))

    async def change(self, request: Request) -> Response:
        """Change somebody on this side."""
        try:
            wanted = orjson.loads(await request.body())
            if not isinstance(wanted, dict):
                raise Unacceptable("a JSON object is expected")
            return _json(self.system.change(wanted))
        except (Unacceptable, orjson.JSONDecodeError) as error:
            return _json({"error": str(error)}, 422)

    async def calls(self, request: Request) -> Response:
        """Calls seen, newest first: `?operation=&person=&outcome=&limit=`."""
        asked = request.query_params
        limit = _number(request, "limit", 100, SHOWN_MAX)
        return _json(self.journal.show(asked.get("operation"), asked.get("person"), asked.get("outcome"), limit))

    async def forget_calls(self, _: Request) -> Response:
        """Empty the journal."""
        self.journal.clear()
        return _json({})

    async def faults_in_force(self, _: Request) -> Response:
        """Faults that may still strike."""
        return _json(self.faults.show())

    async def add_faults(self, request: Request) -> Response:
        """A list of faults, or one."""
        try:
            wanted = orjson.loads(await request.body())
            for fault in _FAULTS.validate_python(wanted if isinstance(wanted, list) else [wanted]):
                self.faults.add(fault)
        except (ValidationError, ValueError) as error:
            return _json({"error": str(error)}, 422)
        return _json(self.faults.show())

    async def end_faults(self, _: Request) -> Response:
        """All faults end."""
        self.faults.clear()
        return _json([])

    async def reset(self, _: Request) -> Response:
        """Forget everything written, all calls and all faults."""
        self.system.reset()
        self.journal.clear()
        self.faults.clear()
        return _json(self.system.health())
