"""Every link of the OpenAPI document leads somewhere: it is followed from a real answer, and answered well."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.api.openapi_links import LINKS
from mock_services.people.world import World
from tests.fuzz.conftest import PEOPLE, SEED, SETTLED
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town

_BODIES: Final[dict[str, Any]] = {
    "quarantine_release": {"reason": "Đã đối chiếu"},
    "quarantine_reject": {"reason": "Ghi nhầm"},
    "propagation_pause": {"reason": "Bảo trì đường truyền"},
    "register_add_incident": {
        "kind": "loss",
        "detected_at": "2026-07-05T08:00:00+07:00",
        "people": 1,
        "reference": "SC-1",
    },
    "register_take_step": {"step": "reported", "reference": "CV-1"},
}
_QUERIES: Final[dict[str, dict[str, str]]] = {
    # A page has a next one only when it is full.
    "quarantine_waiting": {"limit": "1"},
    "operations_dead_letters": {"limit": "1"},
    "operations_events": {"limit": "1"},
    "audit_rows": {"limit": "1"},
    "operations_verifications": {"limit": "1", "outcome": "verified"},
    "propagation_waiting": {"target": "social_insurance"},
}
_OF_TARGET: Final = frozenset({"propagation_pause", "propagation_resume"})
_PAUSED_FIRST: Final = "propagation_resume"


class _Walker:
    """Asks operations of the document by their ids."""

    def __init__(self, town: Town) -> None:
        self._town = town
        paths: dict[str, dict[str, Any]] = town.get("/v1/openapi.json")["paths"]
        self.operations = {
            one["operationId"]: (method, path, one) for path, item in paths.items() for method, one in item.items()
        }
        self._people = People(World(PEOPLE, SEED))
        self._people.meet_many(SETTLED, employed)

    def ask(self, name: str, parameters: dict[str, str], body: Any = None) -> tuple[str, Any]:
        """The status and the JSON value of an answer; parameters go where the document says."""
        method, path, operation = self.operations[name]
        query = dict(_QUERIES.get(name, {}))
        for one in operation.get("parameters", ()):
            if one["name"] in parameters:
                if one["in"] == "path":
                    path = path.replace("{" + one["name"] + "}", parameters[one["name"]])
                else:
                    query[one["name"]] = parameters[one["name"]]
        answer = self._town.http.request(method, path, params=query, json=_BODIES.get(name, body))
        return str(answer.status_code), answer.json()

    def first(self, name: str, status: str) -> Any:
        """An answer with this status, for which somebody new is told of where that is needed."""
        if name == "entries_submit":
            return self._submitted(status)
        if name == "workers_lookup":
            number = self._people.meet(employed)
            self._town.accept(entry_of(number))
            body = {"personal_number": number.personal_number}
            return self._answered(name, status, {}, body)
        if name.startswith(("entries_", "quarantine_re")):
            entry_id = self._submitted("202")["id"]
            return self._answered(name, status, {"entry_id": self._accepted()["id"] if name[0] == "e" else entry_id})
        if name == "operations_retry":
            letter = self.first("operations_dead_letters", "200")["items"][0]
            return self._answered(name, status, letter)
        if name.startswith("workers_"):
            return self._answered(name, status, {"worker_id": self._accepted()["worker_id"]})
        if name == "operations_dead_letters":
            self._town.until(lambda: self._town.everything("/v1/dead-letters"), "parked, or parked again")
        if name == "propagation_waiting":
            waiting = _QUERIES[name]
            self._town.until(lambda: self._town.everything("/v1/propagation/waiting", **waiting), "waits")
        return self._answered(name, status, {"target": "population"} if name in _OF_TARGET else {})

    def _answered(self, name: str, status: str, parameters: dict[str, str], body: Any = None) -> Any:
        given, answer = self.ask(name, parameters, body)
        assert given == status, (name, answer)
        return answer

    def _accepted(self) -> Any:
        return self._submitted("201")

    def _submitted(self, status: str) -> Any:
        person = self._people.meet(employed)
        entry = entry_of(person, key=person.personal_number)
        if status == "202":
            entry = entry_of(person, tinh_trang_hdkt="2")
        answer = self._town.submit(entry)
        if status == "200":
            answer = self._town.submit({**entry, "key": "again-" + person.personal_number})
        assert str(answer.status_code) == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def walker(town: Town) -> _Walker:
    return _Walker(town)


def _at(answer: Any, pointer: str) -> str:
    for step in pointer.removeprefix("/").split("/"):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    assert answer is not None
    return str(answer)


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.operation}-{link.status}-{link.leads_to}")
def test_a_link_leads_to_an_answer(walker: _Walker, link: Any) -> None:
    written = walker.operations[link.operation][2]["responses"][link.status]["links"]
    assert written[link.leads_to]["operationId"] == link.leads_to
    answer = walker.first(link.operation, link.status)
    parameters = {name: _at(answer, pointer) for name, pointer in link.parameters.items()}
    if link.leads_to == _PAUSED_FIRST:
        walker.ask("propagation_pause", parameters)
    status, found = walker.ask(link.leads_to, parameters)
    # Somebody who was asked about a moment ago needs no asking: that is an answer too.
    expected = {"200", "404"} if link.leads_to == "operations_ask_again" else {"200"}
    assert status in expected, found
    if link.leads_to == "propagation_pause":
        walker.ask(_PAUSED_FIRST, parameters)
