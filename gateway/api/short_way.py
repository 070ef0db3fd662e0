"""The one route that carries nearly all the load, past the framework's routing: a third of an entry's time in HTTP.

It answers exactly as the route does, which stays where it is for the interface's description.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.door import door_of
from gateway.api.entries import router, submit
from gateway.api.refusing import refusal_response
from gateway.errors import GatewayError

PATH: Final = router.prefix


class ShortWay:
    """Middleware directly in front of the application; whatever else goes wrong, the handlers outside it answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Submit an entry, or pass the call on."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            # Before anything else is done for it: under overload what is refused must cost next to nothing.
            door_of(request).house.intake.waiting.check()
            response = await submit(request)
        except GatewayError as error:
            response = await refusal_response(request, error)
        await response(scope, receive, send)
