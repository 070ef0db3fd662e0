"""The first thing every route does: who calls, and may they? A route that does not say what it needs does not start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeAlias

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.api.door import door_of
from gateway.permissions import PERMISSIONS, Caller, require

Admitted: TypeAlias = Callable[[Request, Caller], Awaitable[Response]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
_MARK: Final = "permission"
PUBLIC: Final = "public"


def needs(permission: str) -> Callable[[Admitted], Endpoint]:
    """The handler is called with a caller who has the permission, or not at all."""
    assert permission in PERMISSIONS, f"{permission} is not in permissions.csv"

    def admitting(handler: Admitted) -> Endpoint:
        async def admitted(request: Request) -> Response:
            caller = admit(request, permission)
            allowance = door_of(request).rates.take(caller)
            response = await handler(request, caller)
            if allowance is not None:
                response.headers.update(allowance.headers())
            return response

        # Not functools.wraps: the framework would look through it, and ask callers for a `caller`.
        admitted.__name__, admitted.__doc__ = handler.__name__, handler.__doc__
        setattr(admitted, _MARK, permission)
        return admitted

    return admitting


def public(handler: Any) -> Any:
    """Said of a route on purpose: it asks nobody who they are."""
    setattr(handler, _MARK, PUBLIC)
    return handler


def admit(request: Request, permission: str) -> Caller:
    """The caller, who has the permission. Raises NotPermitted, Busy."""
    caller = door_of(request).callers.caller(request)
    # Whoever is refused below is named in the trail without being asked again who it is.
    request.state.caller = caller
    require(caller, permission)
    return caller


def permission_of(route: BaseRoute) -> str | None:
    """What a route needs; `public`; or None when it does not say."""
    endpoint = getattr(route, "endpoint", None)
    found: str | None = getattr(endpoint, _MARK, None)
    return found


def require_declared(routes: Iterable[BaseRoute]) -> None:
    """Raises RuntimeError for routes that say nothing: a forgotten check must not become an open door."""
    silent = [route.path for route in routes if isinstance(route, APIRoute) and permission_of(route) is None]
    if silent:
        raise RuntimeError(f"routes without a permission: {', '.join(silent)}")
