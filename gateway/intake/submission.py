"""What a door hands to intake."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.entry import Entry, Statement
from contracts.trace import correlation_of


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a quarantined entry: who released it, why, and the entry and key it had."""

    entry_id: str
    key_id: str
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One entry, or one statement of another database, with its sender.

    `sender` scopes the sender's key. `decision` is set when a quarantined entry comes back released.
    """

    content: Entry | Statement
    sender: str
    correlation_id: str | None = None
    traceparent: str | None = None
    decision: Decision | None = None

    def correlated_with(self, entry_id: str) -> str:
        """The correlation id of everything that this entry causes: of the caller's trace, else the entry's own id."""
        if self.correlation_id is not None:
            return self.correlation_id
        return entry_id if self.traceparent is None else correlation_of(self.traceparent)

    @property
    def key(self) -> str | None:
        """The sender's own key, if any."""
        return self.content.key
