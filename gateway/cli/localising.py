"""Help pages in the caller's language: typer's own words too."""

from __future__ import annotations

import typer
from typer import rich_utils
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from contracts.problems import Language
from gateway.cli.texts import catalogue, say


def localise(command: TyperCommand | TyperGroup, lang: Language) -> None:
    """Put the texts in the place of their keys, in this command and all below it."""
    command.help = _text(command.help, lang)
    command.short_help = None
    for param in command.params:
        if isinstance(param, TyperOption | TyperArgument):
            param.help = _text(param.help, lang)
    shown = command.get_help_option(typer.Context(command))
    if shown is not None:
        shown.help = say("help.option.help", lang)
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            if isinstance(below, TyperCommand | TyperGroup):
                localise(below, lang)


def localise_panels(lang: Language) -> None:
    """The fixed words of typer's help pages; they are module variables there, meant to be set."""
    rich_utils.OPTIONS_PANEL_TITLE = say("panel.options", lang)
    rich_utils.COMMANDS_PANEL_TITLE = say("panel.commands", lang)
    rich_utils.ARGUMENTS_PANEL_TITLE = say("panel.arguments", lang)
    rich_utils.DEFAULT_STRING = say("panel.default", lang)
    rich_utils.REQUIRED_LONG_STRING = say("panel.required", lang)


def _text(key: str | None, lang: Language) -> str | None:
    return say(key, lang) if key is not None and key in catalogue() else key
