"""What every route needs: the house behind the door, and the door's own checks."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from gateway.api.bodies import BodyReader
from gateway.api.caller import CallerCheck
from gateway.callers.rates import Rates
from gateway.wiring import House


@dataclass(frozen=True, slots=True)
class Door:
    """Kept on the application's state."""

    house: House
    callers: CallerCheck
    bodies: BodyReader
    rates: Rates


def door_of(request: Request) -> Door:
    """The door of the application that serves this request."""
    door: Door = request.app.state.door
    return door
