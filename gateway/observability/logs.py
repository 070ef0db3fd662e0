"""Structured logs on standard error: for people on a console, as JSON lines for a collector.

Nothing that identifies a person is ever passed to a log; control characters in values are escaped by the renderers.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any, Final, Literal

import structlog

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure(log_format: Literal["console", "json"], level: str) -> None:
    """Set up structlog once per process; the standard library's loggers of our dependencies keep to warnings."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    stamped: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    _take_in_the_others(stamped, renderer)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *stamped,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _take_in_the_others(stamped: list[Any], renderer: Any) -> None:
    """What our dependencies say through the standard library becomes lines like ours, one for each event."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*stamped, structlog.stdlib.add_logger_name, _escaped],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _json(event: Any, **how: Any) -> str:
    # JSON lets C1 controls and U+2028 stand as they are; terminals and readers of lines do not.
    text = json.dumps(event, ensure_ascii=False, **how)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # A dependency may quote what a caller sent: no line break and no terminal command of a caller's is written out.
    event["event"] = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", str(event["event"]))
    return event
