"""Python runs this at its start where PYTHONPATH holds this folder: it plants the fault that is asked for.

The product has no switch for it; only the gateway's own roles are touched, never the supervisor, the mocks or a test.
"""

from __future__ import annotations

import os
import sys

if "serve" in sys.orig_argv and "gateway.cli" in sys.orig_argv and (name := os.environ.get("PLANTED_FAULT")):
    from tests.journeys.planted.faults import PLANTS

    PLANTS[name]()
