"""Whether so many of the last answers were refusals that it is not the people who are wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class RefusalWatch:
    """One sender's memory of the last answers: True for a refusal."""

    def __init__(self, window: int, trial: int, share_max: float) -> None:
        self._answers: deque[bool] = deque(maxlen=window)
        self._needed = window
        self._window = window
        self._trial = min(trial, window)
        self._share_max = share_max

    @property
    def on_trial(self) -> bool:
        """Whether it judges by the first few answers after a pause."""
        return self._needed < self._window

    def begin_trial(self) -> None:
        """A pause has ended: judge by so few answers that hardly anyone is parked if all is still refused."""
        if not self.on_trial:
            self._answers.clear()
            self._needed = self._trial

    def forget(self) -> None:
        """A person says that the target is well."""
        self._answers.clear()
        self._needed = self._window

    def left_of_trial(self) -> int | None:
        """How many answers more decide; None outside a trial."""
        return max(self._needed - len(self._answers), 1) if self.on_trial else None

    def heard(self, refused: Iterable[bool]) -> float | None:
        """Note answers; the share of refusals when it is too high, and then forget them."""
        self._answers.extend(refused)
        if len(self._answers) < self._needed:
            return None
        share = sum(self._answers) / len(self._answers)
        if share > self._share_max:
            self._answers.clear()
            return share
        self._needed = self._window
        return None
