"""`lgsp stack`: the topology on this machine. A program of its own does the work: it stands above the house."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from gateway.cli.session import session_of
from gateway.cli.verbs.options import AsJson

stack = typer.Typer(help="help.stack", no_args_is_help=True)


@stack.command(help="help.stack.up")
def up(
    context: typer.Context,
    people: Annotated[int, typer.Option("--people", min=1, help="help.option.people")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", help="help.option.seed")] = 7,
    port: Annotated[int, typer.Option("--port", min=1, max=65_534, help="help.option.stack-port")] = 8080,
) -> None:
    """Start it."""
    order_stack(context, "up", "--people", str(people), "--seed", str(seed), "--port", str(port))


@stack.command(help="help.stack.status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """How each part is."""
    order_stack(context, "status", *(["--json"] if as_json else []))


@stack.command(help="help.stack.down")
def down(context: typer.Context) -> None:
    """End it."""
    order_stack(context, "down")


def order_stack(context: typer.Context, *arguments: str) -> None:
    """Let the program do it; its exit code is ours."""
    command = [sys.executable, "-m", "ops.stack", *arguments, "--lang", session_of(context).lang]
    if code := subprocess.run(command, check=False).returncode:
        raise typer.Exit(code)
