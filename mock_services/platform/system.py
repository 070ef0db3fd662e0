"""The platform as one simulated system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import orjson

from mock_services.calls import JSON, Answer, Call, Unacceptable, Work
from mock_services.envelopes import gateway_fault
from mock_services.platform.categories import METADATA, Categories
from mock_services.specifications import shape
from mock_services.tokens import TokenOffice, credentials, read_access_header

_DMDC: Final = re.compile(r"/dmdc/(Metadata|Category)/(\w+)")


class Platform:
    """Tokens for all systems, and dmdc."""

    name = "platform"

    def __init__(self, office: TokenOffice) -> None:
        self.office = office
        self.categories = Categories()
        self.issued = 0

    def needs_token(self, call: Call) -> bool:
        """All but the token itself."""
        return call.path != "/token"

    def gateway_fault(self, _: Call, status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
        """JSON."""
        return gateway_fault(status, code, message, retry_after_s)

    def closed(self) -> Answer:
        """HTTP 503 with a page for people."""
        page = "<html><body><h1>Trục LGSP đang bảo trì</h1></body></html>"
        return Answer(503, "text/html; charset=utf-8", page.encode())

    def understand(self, call: Call) -> Work:
        """Token or category."""
        if call.method == "POST" and call.path == "/token":
            return Work("token", lambda _: self._token(call))
        asked = _DMDC.fullmatch(call.path)
        if asked is None or call.method not in {"GET", "POST"}:
            missing = gateway_fault(404, 404, "No matching resource found", None)
            return Work(f"{call.method} {call.path}", lambda _: missing)
        kind, code = asked.groups()
        if kind == "Metadata":
            return Work("dmdc.Metadata", lambda _: _told(list(METADATA)))
        if call.method == "GET":
            return Work("dmdc.Category.GET", lambda _: self._rows(code))
        return Work("dmdc.Category.POST", lambda _: self._post(code, call.body))

    def _token(self, call: Call) -> Answer:
        form = parse_qs(call.body.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return _told({"error": "unsupported_grant_type", "error_description": "Unsupported grant_type"}, 400)
        access = read_access_header(call.headers.get("lgspaccesstoken"))
        expected = credentials()
        fault = shape("lgsp", "LgspAccessToken")(access)
        if access is None or fault or any(access[key] != expected[key] for key in ("AccessKey", "SecretKey")):
            return _told({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        self.issued += 1
        token = {
            "access_token": self.office.issue(access["AccessKey"]),
            "scope": "am_application_scope default",
            "token_type": "Bearer",
            "expires_in": self.office.expires_in_s,
        }
        assert shape("lgsp", "Token")(token) is None
        return _told(token)

    def _rows(self, code: str) -> Answer:
        rows = self.categories.rows(code)
        return gateway_fault(404, 404, "No such category", None) if rows is None else _told(rows)

    def _post(self, code: str, body: bytes) -> Answer:
        try:
            rows = orjson.loads(body)
        except orjson.JSONDecodeError:
            rows = None
        if self.categories.rows(code) is None:
            return gateway_fault(404, 404, "No such category", None)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            return _told({"MSG": "Data not insert: a list of records is expected", "Count": 0})
        result = self.categories.post(code, rows)
        return _told(result).told("done" if result["Count"] else "refused")

    def person(self, number: str) -> dict[str, Any]:
        """The platform knows nobody."""
        return {"known": False, "personal_number": number}

    def people(self, after: int, limit: int) -> dict[str, Any]:
        """The platform knows nobody."""
        return {"people": [], "next": None, "after": after, "limit": limit}

    def change(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Not possible."""
        raise Unacceptable(f"the platform holds no people ({len(request)} values ignored)")

    def reset(self) -> None:
        """Forget posted rows; tokens stay valid."""
        self.categories.clear()
        self.issued = 0

    def health(self) -> dict[str, Any]:
        """Counts."""
        return {"tokens_issued": self.issued, "token_expires_in_s": self.office.expires_in_s}


def _told(value: object, status: int = 200) -> Answer:
    return Answer(status, JSON, orjson.dumps(value), "done" if status == 200 else str(status))
