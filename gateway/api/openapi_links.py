"""How one answer leads to the next question: the links of the OpenAPI document, which testers of the API follow too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple


class Link(NamedTuple):
    """`parameters` takes the members of the answer's body, by JSON pointer, that the next question needs."""

    operation: str
    status: str
    leads_to: str
    parameters: Mapping[str, str]


_STORED: Final = ("200", "201", "202")
_OF_WORKER: Final = ("workers_show", "workers_history", "workers_observations", "operations_ask_again")
_OF_DOUBT: Final = ("quarantine_release", "quarantine_reject")
_OF_LETTER: Final = ("operations_dead_letter", "operations_retry")
_PAGES: Final = (
    "quarantine_waiting",
    "operations_events",
    "operations_dead_letters",
    "operations_verifications",
    "audit_rows",
)


def _links() -> Iterator[Link]:
    for status in _STORED:
        yield Link("entries_submit", status, "entries_show", {"entry_id": "/id"})
        yield Link("entries_submit", status, "entries_signed_receipts", {"batch": "/proof/batch"})
        for name in _OF_WORKER if status != "202" else ():
            yield Link("entries_submit", status, name, {"worker_id": "/worker_id"})
    for name in _OF_DOUBT:
        yield Link("entries_submit", "202", name, {"entry_id": "/id"})
        yield Link("quarantine_waiting", "200", name, {"entry_id": "/items/0/id"})
        yield Link(name, "200", "entries_show", {"entry_id": "/id"})
    yield Link("quarantine_waiting", "200", "entries_show", {"entry_id": "/items/0/id"})
    for name in _OF_WORKER:
        yield Link("entries_show", "200", name, {"worker_id": "/worker_id"})
        yield Link("workers_lookup", "200", name, {"worker_id": "/items/0/worker_id"})
    for name in _OF_LETTER:
        letter = {"worker_id": "/items/0/worker_id", "target": "/items/0/target"}
        yield Link("operations_dead_letters", "200", name, letter)
    yield Link("operations_dead_letters", "200", "workers_show", {"worker_id": "/items/0/worker_id"})
    yield Link("propagation_waiting", "200", "workers_show", {"worker_id": "/items/0/worker_id"})
    yield Link("operations_retry", "200", "workers_show", {"worker_id": "/worker_id"})
    yield Link("operations_verifications", "200", "operations_ask_again", {"worker_id": "/items/0/worker_id"})
    yield Link("workers_history", "200", "entries_show", {"entry_id": "/items/0/entry_id"})
    for name in ("propagation_pause", "propagation_resume"):
        yield Link("propagation_targets", "200", name, {"target": "/items/0/target"})
    yield Link("propagation_pause", "200", "propagation_resume", {"target": "/target"})
    yield Link("propagation_targets", "200", "propagation_waiting", {"target": "/items/0/target"})
    for name in ("register_show", "register_take_step"):
        yield Link("register_add_incident", "201", name, {"case": "/case"})
    for name in _PAGES:
        yield Link(name, "200", name, {"after": "/next"})


LINKS: Final = tuple(_links())


def add_links(paths: dict[str, Any]) -> None:
    """Write every link at the answer from which it leads."""
    operations = {operation["operationId"]: operation for item in paths.values() for operation in item.values()}
    for link in LINKS:
        assert link.leads_to in operations, f"no operation {link.leads_to}"
        answer = operations[link.operation]["responses"][link.status]
        # The same answer may stand in several operations: each gets its own.
        answer = operations[link.operation]["responses"][link.status] = {**answer, "links": {**answer.get("links", {})}}
        answer["links"][link.leads_to] = {
            "operationId": link.leads_to,
            "parameters": {name: f"$response.body#{pointer}" for name, pointer in link.parameters.items()},
        }
