"""What the process that parses a workbook may use; it gives the rest away before it loads the parser.

POSIX only (setrlimit(2)). Where the system does not know a limit, the others stand, and so does the parent's clock.
"""

from __future__ import annotations

import contextlib
from typing import Final

FILES_MAX: Final = 32
"""Standard streams, the workbook, and the modules that are still to be loaded, one at a time."""

_MIB: Final = 1 << 20


def confine(memory_mib: int, cpu_s: int) -> None:
    """From here on this process gets no more; none of the limits can be raised again. Does nothing on Windows."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        "RLIMIT_AS": memory_mib * _MIB,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": FILES_MAX,
        "RLIMIT_NPROC": 0,
    }
    for name, limit in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        # A system that refuses one limit (macOS knows no address space), or has a lower one already.
        with contextlib.suppress(ValueError, OSError):
            # A second between the signal that says why (SIGXCPU) and the one that says nothing.
            resource.setrlimit(kind, (limit, limit + 1 if name == "RLIMIT_CPU" else limit))
