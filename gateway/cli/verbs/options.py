"""Options that several verbs share, so that they are spelt and explained once."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="help.option.json")]
After: TypeAlias = Annotated[str | None, typer.Option("--after", metavar="CURSOR", help="help.option.after")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=500, help="help.option.limit")]
Target: TypeAlias = Annotated[str | None, typer.Option("--target", help="help.option.target")]
Cause: TypeAlias = Annotated[str | None, typer.Option("--cause", help="help.option.cause")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", help="help.option.reason")]
EntryId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="help.argument.entry-id")]
WorkerId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="help.argument.worker-id")]
