"""Options that several verbs share, so that they are spelt and explained once."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import typer

PURPOSE_VARIABLE: Final = "LGSP_PURPOSE"
NUMBER_LENGTH_MAX: Final = 64
"""Of a number typed on standard input, with whatever surrounds it."""

REFERENCE_VARIABLE: Final = "LGSP_PURPOSE_REFERENCE"
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="help.option.json")]
After: TypeAlias = Annotated[str | None, typer.Option("--after", metavar="CURSOR", help="help.option.after")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=500, help="help.option.limit")]
Target: TypeAlias = Annotated[str | None, typer.Option("--target", help="help.option.target")]
Cause: TypeAlias = Annotated[str | None, typer.Option("--cause", help="help.option.cause")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", help="help.option.reason")]
Purpose: TypeAlias = Annotated[
    str | None, typer.Option("--purpose", metavar="CODE", envvar=PURPOSE_VARIABLE, help="help.option.purpose")
]
Reference: TypeAlias = Annotated[
    str | None,
    typer.Option("--reference", metavar="TEXT", envvar=REFERENCE_VARIABLE, help="help.option.reference"),
]
EntryId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="help.argument.entry-id")]
WorkerId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="help.argument.worker-id")]


def purpose_headers(purpose: str | None, reference: str | None) -> dict[str, str]:
    """Why personal data is read, as the gateway is told."""
    told = {"LGSP-Purpose": purpose, "LGSP-Purpose-Reference": reference}
    # A header is ASCII; what is not is no reference either, and the gateway's answer says what one is.
    return {name: value.encode("ascii", "replace").decode() for name, value in told.items() if value}
