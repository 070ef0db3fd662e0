"""`python -m gateway.cli`, for those whose PATH has no `lgsp`."""

import sys

from gateway.cli import main

sys.exit(main())
