"""The tree of commands. Its help texts are keys; `localise` puts in the caller's language."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command

from contracts.problems import Language
from gateway.cli import exit_codes
from gateway.cli.localising import localise, localise_panels
from gateway.cli.texts import say
from gateway.cli.verbs import (
    audit,
    callers,
    dead_letters,
    entries,
    erasing,
    events,
    keys,
    lists,
    processes,
    propagation,
    quality,
    quarantine,
    receipts,
    register,
    watch,
    workers,
)
from gateway.cli.verbs.stack import stack


def _options(
    lang: Annotated[str, typer.Option("--lang", metavar="vi|en", help="help.option.lang")] = "vi",
    url: Annotated[str | None, typer.Option("--url", help="help.option.url")] = None,
    token: Annotated[str | None, typer.Option("--token", help="help.option.token")] = None,
) -> None:
    """Declared for the help page; `terminal` reads them wherever they stand in the command."""


def build(lang: Language) -> TyperGroup:
    """The root command, with all help in one language."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, help="help.root", rich_markup_mode="rich")
    app.callback()(_options)
    app.command("run", help="help.run")(processes.run)
    app.command("serve", help="help.serve")(processes.serve)
    app.add_typer(entries.app, name="entries")
    app.add_typer(receipts.app, name="receipts")
    app.add_typer(quarantine.app, name="quarantine")
    app.add_typer(workers.app, name="workers")
    app.add_typer(events.app, name="events")
    app.add_typer(propagation.app, name="propagation")
    app.add_typer(dead_letters.app, name="dead-letters")
    app.add_typer(watch.app, name="watch")
    app.add_typer(lists.verifications, name="verifications")
    app.add_typer(lists.rules, name="rules")
    app.add_typer(quality.app, name="quality")
    app.add_typer(audit.app, name="audit")
    app.add_typer(callers.agencies, name="agencies")
    app.add_typer(callers.group("client"), name="clients")
    people = callers.group("person")
    erasing.add_to(people)
    app.add_typer(people, name="people")
    app.add_typer(register.app, name="register")
    app.add_typer(callers.proposals, name="proposals")
    app.command("whoami", help="help.whoami")(callers.whoami)
    app.add_typer(stack, name="stack")
    app.add_typer(processes.mocks, name="mocks")
    app.add_typer(processes.data, name="data")
    app.add_typer(processes.database, name="db")
    app.add_typer(keys.app, name="keys")
    app.add_typer(processes.topics, name="topics")
    app.add_typer(processes.secrets, name="secrets")
    app.command("doctor", help="help.doctor")(processes.doctor)
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    localise_panels(lang)
    localise(root, lang)
    root.epilog = f"{say('help.epilog', lang)}\n\n{exit_codes.table(lang)}"
    return root
