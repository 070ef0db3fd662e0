"""What is true? Precedence, merging and matching: pure thought, no I/O and no clock."""

from gateway.golden.held import GroupStatement, HeldStatements, resolve
from gateway.golden.merge import Merge, Observation, merge
from gateway.golden.precedence import rank

__all__ = ["GroupStatement", "HeldStatements", "Merge", "Observation", "merge", "rank", "resolve"]
