"""The one place that chooses the real things: every part is built here, once, and nothing is built at import."""

from gateway.wiring.house import House, Loop, build_house, receiver

__all__ = ["House", "Loop", "build_house", "receiver"]
