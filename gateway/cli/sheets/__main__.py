"""`python -m gateway.cli.sheets FILE MEMORY_MIB CPU_S`: tell a workbook's rows on standard output (see `telling`)."""

from __future__ import annotations

import os
import sys

from gateway.cli.sheets.confinement import confine


def main(arguments: list[str]) -> int:
    """1 when the file was refused, and told so; 2 when there was not enough memory to read it."""
    path, memory_mib, cpu_s = arguments
    confine(int(memory_mib), int(cpu_s))
    # Only now: whatever the parser and the unpacking need, they get within the limits.
    from pathlib import Path

    from gateway.cli.sheets.bounds import TableRefused
    from gateway.cli.sheets.parsing import tell
    from gateway.cli.sheets.telling import told

    try:
        tell(Path(path), sys.stdin.buffer, sys.stdout.buffer)
    except TableRefused as refused:
        sys.stdout.buffer.write(told({"refused": refused.code, "values": refused.values}))
        sys.stdout.buffer.flush()
        return 1
    except MemoryError:
        return 2
    except BrokenPipeError:
        # Nobody listens any more; what Python would still flush at its end has no reader either.
        os._exit(1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
