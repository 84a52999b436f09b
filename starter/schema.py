"""`tipoff schema`: the live tables against their definition."""

from __future__ import annotations

import typer

from shared.names import SCHEMA_CHECK
from shared.validation import SchemaCheckInput
from starter.check_report import StrictOption, VerboseOption, ask_validator
from starter.options import AddressOption, JsonOption

app = typer.Typer(name="schema", help="The tables of the warehouse.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The tables of the warehouse."""


@app.command()
def check(
    address: AddressOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compare the DDL with the live tables. Exit code 1 if they differ."""
    ask_validator(
        SCHEMA_CHECK, SchemaCheckInput(), "schema check", address, as_json=as_json, strict=strict,
        verbose=verbose,
    )  # fmt: skip
