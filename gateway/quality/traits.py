"""What is out of the ordinary about a statement, as bits: rules about it are not even called for the others.

Most of the cost of judging would otherwise be rules that look for something that nearly no statement has.
"""

from __future__ import annotations

from typing import Final

ODD_TEXT: Final = 1
"""Some text may hold a legacy encoding, control or invisible characters, or letters of another script."""
FILLER: Final = 2
"""Some text is a word that only fills the box."""
ODD_PLACE: Final = 4
"""Some address is not simply a commune of this province by today's code."""
NO_NUMBER: Final = 8
"""There is no well-formed personal number."""
ODD_AGE: Final = 16
"""The age is unknown, or outside the ages of ordinary workers."""
INSURED: Final = 32
"""The insurance group says more than a form asks: period, employer, movement."""
CONTRACT: Final = 64
"""Something is said of a labour contract."""
ODD_NAME: Final = 256
"""The name is not two to seven words of letters alone."""
UNANSWERED: Final = 512
"""A question that the form asks everybody of this activity was left empty."""
SPECIAL: Final = 128
"""Some special status is ticked."""
