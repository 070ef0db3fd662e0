"""`lgsp watch run --once`: everything is compared once; opens the store, as those who run the gateway may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.serve import database_fault, read_settings
from gateway.cli.session import Session, print_json
from gateway.cli.verbs.watch import show_gaps
from gateway.security.keyring import KeysUnusable
from gateway.settings import Settings
from gateway.stream.port import StreamUnavailable
from gateway.watch.full_pass import Part, Report, Tell
from gateway.wiring import build_house
from gateway.wiring.watching import build_full_pass

_AT_REST: Final = frozenset({"settled", "not_concerned"})


def run(as_json: bool, session: Session) -> ExitCode:
    """Compare, show, and answer whether everything is whole. Raises CliFault."""
    settings = read_settings()
    if missing := settings.missing_secrets():
        raise CliFault("error.secrets-missing", ExitCode.CONFIGURATION, names=", ".join(missing))
    try:
        with _bar(session) as tell:
            report = asyncio.run(_pass(settings, tell))
    except KeysUnusable as error:
        raise CliFault("error.keys-unusable", ExitCode.CONFIGURATION, cause=error) from None
    except SQLAlchemyError as error:
        raise database_fault(error) from None
    except StreamUnavailable as error:
        raise CliFault("topics.unavailable", ExitCode.UNREACHABLE, cause=error) from None
    if as_json:
        print_json(_as_data(report))
    else:
        _show(session, report)
    return ExitCode.NOT_VERIFIED if report.gaps else ExitCode.OK


async def _pass(settings: Settings, tell: Tell) -> Report:
    house = build_house(settings)
    try:
        return await build_full_pass(house).run(tell)
    finally:
        await house.stop()


@contextmanager
def _bar(session: Session) -> Iterator[Tell]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=session.err, transient=True) as progress:
        tasks: dict[Part, Any] = {}

        def tell(part: Part, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = progress.add_task(session.say(f"watch.part.{part}"), total=total)
            progress.update(tasks[part], completed=done, total=total)

        yield tell


def _show(session: Session, report: Report) -> None:
    gaps = [{**asdict(gap), "found_at": None} for gap in report.gaps]
    show_gaps(session, gaps, len(gaps))
    told = {"people": report.people, "events": report.positions}
    if report.expired:
        session.out.print(session.say("watch.expired", events=report.expired))
    if report.gaps:
        session.out.print(session.say("watch.not-whole", gaps=len(gaps), **told))
        return
    waiting = {f"{target} {state}": count for (target, state), count in report.rows.items() if state not in _AT_REST}
    if waiting:
        named = ", ".join(f"{name}: {count:.0f}" for name, count in sorted(waiting.items()))
        session.out.print(session.say("watch.whole-but-waiting", waiting=named, **told))
    else:
        session.out.print(session.say("watch.whole", **told))


def _as_data(report: Report) -> dict[str, Any]:
    return {
        "whole": not report.gaps,
        "people": report.people,
        "events": report.positions,
        "expired": report.expired,
        "gaps": [asdict(gap) for gap in report.gaps],
        "gaps_by_alarm": report.counts(),
        "rows": [{"target": target, "state": state, "people": count} for (target, state), count in report.rows.items()],
    }
