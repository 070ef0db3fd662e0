"""Child processes that end with us, however we end (Linux: prctl(2), PR_SET_PDEATHSIG)."""

from __future__ import annotations

import ctypes
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded here and not in the child: between fork and exec there is no time for more than the call.
_PRCTL: Final = ctypes.CDLL(None).prctl


def end_with_parent() -> None:
    """For `preexec_fn`: the kernel tells this process to end when its parent is gone, killed or not."""
    _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)
