"""The one way in: a single entry, a file of 10,000 rows and a captured change all become a list for `receive`."""

from gateway.intake.receive import Intake
from gateway.intake.submission import Decision, Submission

__all__ = ["Decision", "Intake", "Submission"]
