"""The simulated systems with canaries for people, run as `python -m tests.canary.street serve …`.

Systems that answer with a page (`html`) here send back, as some do, all that they were asked: the worst of answers.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import orjson

from mock_services import __main__ as program
from mock_services.calls import JSON, XML, Answer, Call
from mock_services.faults import Fault
from mock_services.gate import Gate
from mock_services.people import world
from tests.canary.people import canary

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"


def _sends_back(call: Call) -> Answer:
    asked = call.body.decode("utf-8", "replace")
    if asked.startswith("<"):
        said = asked.replace("&", "&amp;").replace("<", "&lt;")
        fault = f"<faultcode>soap:Server</faultcode><faultstring>{said}</faultstring>"
        body = f"<soap:Body><soap:Fault>{fault}</soap:Fault></soap:Body>"
        envelope = f'<soap:Envelope xmlns:soap="{_SOAP}">{body}</soap:Envelope>'
        return Answer(500, XML, envelope.encode(), "html")
    echo = orjson.dumps({"code": 101503, "message": asked, "description": asked[:200], "errors": [asked]})
    return Answer(400, JSON, echo, "html")


def _plant() -> None:
    instead: Any = Gate._instead

    def sends_back(self: Gate, call: Call, fault: Fault) -> Answer | None:
        answer: Answer | None = _sends_back(call) if fault.kind == "html" else instead(self, call, fault)
        return answer

    vars(world)["make_person"] = canary
    Gate._instead = sends_back  # type: ignore[method-assign]  # planted on purpose


if __name__ == "__main__":
    _plant()
    sys.exit(program.main())
