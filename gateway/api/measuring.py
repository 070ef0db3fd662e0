"""Counts what the door answers, and how long that took; the labels are ours, so that no caller can make new ones."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.entries import router
from gateway.observability.counting import Distribution, Tally

PATH: Final = router.prefix
NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER: Final = "OTHER"
_CRASHED: Final = 503
_WAITING_ROUTE: Final = "/v1/events"
_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class DoorTally:
    """What one process's door has answered. Counted on the event loop alone."""

    def __init__(self) -> None:
        self.requests = Tally()
        self.seconds = Distribution(_BOUNDS_S)

    def count(self, scope: Scope, status: int, took_s: float) -> None:
        """One answer."""
        route = route_of(scope)
        self.requests.add((route, method_of(scope), str(status)))
        if route != _WAITING_ROUTE:
            self.seconds.add(took_s)


class Measured:
    """Middleware in front of everything else of the application."""

    def __init__(self, app: ASGIApp, tally: DoorTally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and note the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # What comes out of here as an exception is answered outside, as busy (gateway.app).
        status = _CRASHED

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun_s = time.perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            self._tally.count(scope, status, time.perf_counter() - begun_s)


def method_of(scope: Scope) -> str:
    """The method, unless it is an invention of the caller's."""
    return scope["method"] if scope["method"] in _METHODS else _OTHER


def route_of(scope: Scope) -> str:
    """The route's pattern as the application knows it, never the path that was asked for."""
    if scope["path"] == PATH:
        return PATH
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
