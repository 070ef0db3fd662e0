"""Help pages in the caller's language: typer's own words too."""

from __future__ import annotations

from typing import Any, Final

import typer
from typer import rich_utils
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from contracts.problems import Language
from gateway.cli.texts import catalogue, say

_NO_VALUE: Final = ""
_TYPES: Final = {"str": "type.text", "int": "type.number", "float": "type.number"}


def localise(command: TyperCommand | TyperGroup, lang: Language) -> None:
    """Put the texts in the place of their keys, in this command and all below it."""
    command.help = _text(command.help, lang)
    command.short_help = None
    _localise_usage(command, lang)
    for param in command.params:
        if isinstance(param, TyperOption | TyperArgument):
            param.help = _text(param.help, lang)
            _localise_type(param, lang)
    shown = command.get_help_option(typer.Context(command))
    if shown is not None:
        shown.help = say("help.option.help", lang)
        shown.metavar = _NO_VALUE
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


def _localise_usage(command: TyperCommand | TyperGroup, lang: Language) -> None:
    if command.options_metavar:
        command.options_metavar = say("panel.usage-options", lang)
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = say("panel.usage-command", lang)
    plain = command.get_usage

    def usage(ctx: Any) -> str:
        return plain(ctx).replace("Usage:", say("panel.usage", lang), 1)

    command.get_usage = usage  # type: ignore[method-assign] # typer has no variable for this word


def _localise_type(param: TyperOption | TyperArgument, lang: Language) -> None:
    """`<str>` says little to an officer, and `<bool>` beside a flag looks as if it wanted a value."""
    if isinstance(param, TyperArgument):
        param.display_type_rich = lambda ctx: None  # type: ignore[method-assign] # its metavar is its name already
    elif param.metavar is None and param.is_flag:
        param.metavar = _NO_VALUE
    elif param.metavar is None:
        shown = param.display_type(typer.Context(TyperCommand(None))).strip("<>").partition(" ")[0]
        param.metavar = say(_TYPES[shown], lang) if shown in _TYPES else None


def _text(key: str | None, lang: Language) -> str | None:
    return say(key, lang) if key is not None and key in catalogue() else key
