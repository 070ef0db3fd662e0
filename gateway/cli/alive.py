"""`python -m gateway.cli.alive [livez|readyz]`: exit code 0 when this machine's gateway process says that it is well.

For the health check of a container, every few seconds: the standard library alone, so that it starts in no time.
"""

from __future__ import annotations

import http.client
import os
import sys
from typing import Final

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask a process that listens there
_TIMEOUT_S: Final = 4.0


def is_well(question: str) -> bool:
    """Whether the process behind `LGSP_HTTP__HOST` and `LGSP_HTTP__PORT` answers 200."""
    host = os.environ.get("LGSP_HTTP__HOST", "127.0.0.1")
    port = int(os.environ.get("LGSP_HTTP__PORT", "8080"))
    connection = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", f"/{question}")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1] if len(sys.argv) > 1 else "livez") else 1)
