"""What a person sees while a file is submitted: on standard error, and only on a terminal as a moving bar."""

from __future__ import annotations

from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from gateway.cli.session import Session
from gateway.cli.submitting.outcome import STATES
from gateway.cli.submitting.summary import Summary

_STYLES = {"accepted": "green", "unchanged": "cyan", "quarantined": "yellow", "refused": "red", "row_error": "red"}


class SubmissionProgress:
    """Rows done, counts by state, rows per second, time left; and that the line is down, while it is."""

    def __init__(self, session: Session, rows_about: int) -> None:
        self._session = session
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[counts]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=session.err,
            transient=True,
        )
        self._task = self._bar.add_task(session.say("submit.progress"), total=rows_about or None, counts="", rate="")

    def __enter__(self) -> SubmissionProgress:
        if self._bar.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar.console.is_terminal:
            self._bar.stop()

    def show(self, summary: Summary) -> None:
        """The counts now."""
        counts = " ".join(
            f"[{_STYLES[state]}]{self._session.say(f'state.{state}')} {summary.states[state]}[/]"
            for state in STATES
            if summary.states[state]
        )
        self._bar.update(
            self._task,
            completed=summary.rows,
            description=self._session.say("submit.progress"),
            counts=counts,
            rate=self._rate(),
        )

    def waits(self, seconds: float) -> None:
        """The line is down; called from the threads that send."""
        sentence = self._session.say("submit.waiting", seconds=max(1, round(seconds)))
        self._bar.update(self._task, description=sentence)

    def _rate(self) -> str:
        speed = self._bar.tasks[0].speed
        return f"{speed:,.0f}/s" if speed else ""
