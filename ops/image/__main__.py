"""`python -m ops.image`: build the image of the Dockerfile, and run `lgsp doctor` in it as its own user. An image with
programs other than Python and `lgsp` is refused.

With a Docker engine it is Docker that builds; without one, buildah (Debian's package), which needs no engine. When the
base image cannot be pulled, a Debian with Python 3.11 made by debootstrap stands in for it under the same name, and the
output says so: then the Dockerfile was tried, but not with the base that it pins.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from ops.image.builders import Buildah, Builder, BuildFailed, Docker, base_of
from ops.image.stand_in import make_stand_in
from ops.local.debian import ProgramUnavailable

ROOT: Final = Path(__file__).parents[2]
TAG: Final = "lgsp-connector:0.1.0"
_DOCTOR: Final = ("doctor", "--lang", "en")
_WANTED: Final = frozenset({"lgsp", "python", "python3", "python3.11"})
_PROGRAMS: Final = """
import os
for folder, _, names in os.walk("/"):
    if not folder.startswith(("/proc", "/sys", "/dev")):
        for name in names:
            file, is_part = os.path.join(folder, name), ".so" in name or name.endswith(".py") or name[0] == "."
            if not is_part and os.path.isfile(file) and os.access(file, os.X_OK):
                print(name)
"""
"""Whatever can be started by its name: modules and shared libraries, some of them marked executable, cannot, and what
begins with a dot is a mark that the engine leaves."""


def main() -> int:
    """Exit code: 0 when the image was built and `lgsp doctor` ran in it as its user."""
    try:
        builder: Builder = Docker() if Docker.answers() else Buildah()
        _say(f"builder: {builder.name}")
        base = base_of(ROOT / "Dockerfile")
        if not builder.pull(base):
            _say(f"base image {base} cannot be pulled here; a Debian with Python 3.11 stands in for it")
            base = make_stand_in(builder)
        started_s = time.monotonic()
        builder.build(ROOT, TAG, base)
        _say(f"built {TAG} in {time.monotonic() - started_s:.0f} s, {builder.size_bytes(TAG) / 2**20:.0f} MiB")
        _say(f"runs as {builder.run(TAG, 'python', '-c', 'import os; print(os.getuid())').strip()}")
        programs = builder.run(TAG, "python", "-c", _PROGRAMS).split()
        _say(f"programs in it: {', '.join(programs)}")
        if left := [name for name in programs if name not in _WANTED]:
            raise BuildFailed(f"the image has programs that it does not need: {', '.join(left)}")
        _say(builder.run(TAG, "lgsp", *_DOCTOR))
    except (BuildFailed, ProgramUnavailable) as error:
        _say(f"failed: {error}")
        return 1
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
