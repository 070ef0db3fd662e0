"""`lgsp quality show`: Đúng, Đủ, Sạch, Sống per commune, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from gateway.cli.session import Session, print_json, session_of
from gateway.cli.showing import cell
from gateway.cli.verbs.options import AsJson

app = typer.Typer(help="help.quality", no_args_is_help=True)
FAMILIES: Final = ("correct", "complete", "clean", "live")
_COLOURS: Final = frozenset({"green", "yellow", "red"})
_BAR_CELLS_MIN: Final = 4
_BAR_CELLS_MAX: Final = 20
_TEXT_COLUMNS: Final = 34
_AROUND_BAR: Final = 9
"""Characters of a bar's cell that are no bar: the score, the mark, the borders."""

_MARKS: Final = {"green": "●", "yellow": "▲", "red": "■"}
"""Not everybody can tell the colours apart, and a printout has none."""


@app.callback()
def quality() -> None:
    """Keeps `show` a command of its own while it is the only one."""


@app.command(help="help.quality.show")
def show(
    context: typer.Context,
    commune: Annotated[str | None, typer.Option("--commune", help="help.option.commune")] = None,
    as_json: AsJson = False,
) -> None:
    """Scores and colours per commune and for the province."""
    session = session_of(context)
    answer = session.ask("GET", "/v1/quality", {"commune": commune})
    if as_json:
        print_json(answer)
        return
    communes = [one for one in answer.get("communes", []) if isinstance(one, dict)]
    if not communes:
        session.out.print(session.say("show.none"))
        return
    session.out.print(_plot(session, communes, answer.get("province")))


def _plot(session: Session, communes: list[dict[str, Any]], province: object) -> Table:
    shown = Table()
    shown.add_column(session.say("head.commune"))
    shown.add_column(session.say("head.records"), justify="right", no_wrap=True)
    room = (session.out.width - _TEXT_COLUMNS) // len(FAMILIES) - _AROUND_BAR
    cells = max(_BAR_CELLS_MIN, min(_BAR_CELLS_MAX, room))
    for family in FAMILIES:
        shown.add_column(session.say(f"head.{family}"), no_wrap=True)
    for one in sorted(communes, key=_lowest_first):
        shown.add_row(*_row(session, one, str(one.get("name") or one.get("commune") or ""), cells))
    if isinstance(province, dict):
        shown.add_section()
        shown.add_row(*_row(session, province, session.say("show.province"), cells), style="bold")
    return shown


def _lowest_first(one: Mapping[str, Any]) -> tuple[float, str]:
    """Where the most is to be done stands at the top."""
    scores = [score for score in (one.get("scores") or {}).values() if isinstance(score, int | float)]
    return (sum(scores) / len(scores) if scores else 101.0, str(one.get("commune")))


def _row(session: Session, one: Mapping[str, Any], name: str, cells: int) -> list[Text]:
    scores, colours = one.get("scores") or {}, one.get("colours") or {}
    bars = [_bar(session, scores.get(family), colours.get(family), cells) for family in FAMILIES]
    return [cell(name), cell(one.get("records")), *bars]


def _bar(session: Session, score: object, colour: object, cells: int) -> Text:
    """A bar with the number; a family without expectations has none, which is not 0."""
    if not isinstance(score, int | float):
        return Text(session.say("show.not-applicable"), style="dim")
    filled = max(0, min(cells, round(score * cells / 100)))
    style = str(colour) if colour in _COLOURS else ""
    bar = "█" * filled + "░" * (cells - filled)
    return Text(f"{bar} {score:>3.0f} {_MARKS.get(style, '')}", style=style)
