"""What the Kafka library logs, brought into our own log and kept short.

While a broker is away the library says the same some hundred times a second, as errors. Each sentence is passed on at
most once in half a minute, with how often it was said meanwhile.
"""

from __future__ import annotations

import logging
import time
from typing import Final

import structlog

QUIET_S: Final = 30.0
SENTENCES_MAX: Final = 500
TEXT_LENGTH_MAX: Final = 300
_LIBRARY: Final = "aiokafka"
_log = structlog.get_logger("gateway.stream")


class LibraryTalk(logging.Handler):
    """Takes the library's records of warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Pass the sentence on, or count it."""
        # The template, not the filled-in sentence: that names another node or partition each time.
        sentence = (record.name, str(record.msg))
        at, withheld = self._said.get(sentence, (-QUIET_S, 0))
        now = time.monotonic()
        if now - at < QUIET_S:
            self._said[sentence] = (at, withheld + 1)
            return
        if len(self._said) >= SENTENCES_MAX:
            self._said.clear()
        self._said[sentence] = (now, 0)
        said = record.getMessage()[:TEXT_LENGTH_MAX]
        _log.warning("stream.client_said", part=record.name, said=said, withheld_before=withheld)


def listen() -> None:
    """Take over the library's logging in this process; doing so twice is harmless."""
    logger = logging.getLogger(_LIBRARY)
    if not any(isinstance(handler, LibraryTalk) for handler in logger.handlers):
        logger.addHandler(LibraryTalk())
        logger.propagate = False
