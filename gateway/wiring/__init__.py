"""The one place that chooses the real things: every part is built here, once, and nothing is built at import."""

from gateway.wiring.house import House, build_house

__all__ = ["House", "build_house"]
