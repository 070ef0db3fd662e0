"""The register of personal-data incidents and of data subjects' requests, with the deadlines of the law."""

from gateway.register.room import Register

__all__ = ["Register"]
