"""`lgsp topics apply|check`: the topics on Kafka against `contracts/topics.csv`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any, Final, TypeVar

from rich.console import Console

from contracts.problems import Language
from contracts.topics import TOPICS
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import read_settings
from gateway.cli.session import print_json
from gateway.cli.texts import say
from gateway.stream.kafka import KafkaSettings, topics
from gateway.stream.kafka.handshake import handshake_fault
from gateway.stream.kafka.topics import Drift, DriftKind, TopicsRefused
from gateway.stream.port import StreamUnavailable
from gateway.wiring.streams import kafka_settings

_Answer = TypeVar("_Answer")
_TOLD: Final[dict[DriftKind, str]] = {
    "missing": "topics.missing",
    "mendable": "topics.mendable",
    "fixed": "topics.fixed",
}
_DONE: Final[dict[DriftKind, str]] = {"missing": "topics.made", "mendable": "topics.mended", "fixed": "topics.fixed"}


def check(as_json: bool = False, lang: Language = "vi") -> int:
    """Say every difference; the exit code is DRIFTED if there is one. Raises CliFault."""
    drifts = ask_kafka(topics.check)
    _tell(drifts, _TOLD, as_json, lang)
    if not as_json and any(drift.kind != "fixed" for drift in drifts):
        Console(highlight=False).print(say("topics.apply-hint", lang), soft_wrap=True)
    return ExitCode.DRIFTED if drifts else ExitCode.OK


def apply(as_json: bool = False, lang: Language = "vi") -> int:
    """Make and mend; the exit code is DRIFTED if something is left that only people can do. Raises CliFault."""
    drifts = ask_kafka(topics.apply)
    _tell(drifts, _DONE, as_json, lang)
    return ExitCode.DRIFTED if any(drift.kind == "fixed" for drift in drifts) else ExitCode.OK


def ask_kafka(question: Callable[[KafkaSettings], Coroutine[Any, Any, list[_Answer]]]) -> list[_Answer]:
    """Ask the cluster of the settings. Raises CliFault."""
    settings = read_settings()
    if not settings.uses_kafka:
        raise CliFault("topics.no-kafka", ExitCode.CONFIGURATION)
    said = kafka_settings(settings)
    try:
        return asyncio.run(question(said))
    except ValueError as error:
        raise CliFault("error.settings-wrong", ExitCode.CONFIGURATION, faults=error) from None
    except StreamUnavailable as error:
        if (fault := asyncio.run(handshake_fault(said))) is not None:
            raise CliFault(f"error.kafka-tls-{fault}", ExitCode.CONFIGURATION) from None
        raise CliFault("topics.unavailable", ExitCode.UNREACHABLE, cause=error) from None
    except TopicsRefused as error:
        raise CliFault("topics.refused", ExitCode.REFUSED, cause=error) from None


def _tell(drifts: list[Drift], words: dict[DriftKind, str], as_json: bool, lang: Language) -> None:
    if as_json:
        print_json({"topics": [topic.name for topic in TOPICS], "drifts": [asdict(drift) for drift in drifts]})
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for drift in drifts:
        facts = {"topic": drift.topic, "what": drift.what, "wanted": drift.wanted, "found": drift.found}
        console.print(say(words[drift.kind], lang, **facts))
    if not drifts:
        console.print(say("topics.as-wanted", lang, count=len(TOPICS)))
