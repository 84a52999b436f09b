"""`tipoff validate`: whether dates that were run are what they should be."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.errors import BadRequest
from shared.names import VALIDATE
from shared.validation import ValidateInput
from starter.check_report import StrictOption, VerboseOption, ask_validator
from starter.options import AddressOption, JsonOption, parse_day

app = typer.Typer(name="validate", help="Check dates that were run.", no_args_is_help=True)


@app.command()
def daily(
    day: Annotated[
        str | None,
        typer.Argument(metavar="[DATE]", help="Default: today; in a replay, the latest that ran."),
    ] = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check a date's morning, and the games of the date before. Exit code 1 if something is wrong."""
    asked = parse_day(day) if day else None
    request = ValidateInput(start=asked, end=asked, kind="daily")
    ask_validator(
        VALIDATE, request, "validate daily", address, as_json=as_json, strict=strict, verbose=verbose
    )


@app.command()
def historical(
    start: Annotated[str, typer.Argument(metavar="START", help="First game date.")],
    end: Annotated[str, typer.Argument(metavar="END", help="Last game date, included.")],
    address: AddressOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check every date of a range: mornings, games, gradings. Exit code 1 if something is wrong."""
    first, last = parse_day(start), parse_day(end)
    if last < first:
        raise BadRequest(f"END: {last} is before START, {first}")
    request = ValidateInput(start=first, end=last)
    ask_validator(
        VALIDATE, request, "validate historical", address, as_json=as_json, strict=strict, verbose=verbose
    )
