"""`tipoff spot-check`: stored figures computed again from the raw rows, by other code."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.names import SPOT_CHECK
from shared.validation import SpotCheckInput
from starter.check_report import StrictOption, VerboseOption, ask_validator
from starter.options import AddressOption, JsonOption, parse_day


def spot_check(
    samples: Annotated[
        int, typer.Option("--samples", metavar="N", min=1, max=5_000, help="Player-days to check.")
    ] = 50,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="The same seed draws the same samples.")
    ] = 0,
    start: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First game date.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last game date, included.")] = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compute sampled players' figures again from the raw rows. Exit code 1 if one is not the stored one."""
    request = SpotCheckInput(
        samples=samples,
        seed=seed,
        start=parse_day(start) if start else None,
        end=parse_day(end) if end else None,
    )
    ask_validator(SPOT_CHECK, request, "spot-check", address, as_json=as_json, strict=strict, verbose=verbose)
