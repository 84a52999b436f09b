"""`tipoff retrigger DATE --phase P [--processor X] --reason R`."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.messages import Retrigger
from starter.operate import operate
from starter.options import (
    AddressOption,
    DayArgument,
    JsonOption,
    PhaseOption,
    ReasonOption,
    RequestIdOption,
    check_phase,
    check_reason,
    new_request_id,
    parse_day,
    requester,
)


def retrigger(
    day: DayArgument,
    phase: PhaseOption,
    reason: ReasonOption,
    processor: Annotated[
        list[str] | None, typer.Option("--processor", help="Only this one; may be repeated.")
    ] = None,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a phase of a day again, and what depends on it; also after the day has ended."""
    game_date = parse_day(day)
    processors = tuple(processor or ())
    check_phase(phase, processors)
    check_reason(reason)
    request = Retrigger(
        request_id=request_id or new_request_id(),
        reason=reason,
        requested_by=requester(),
        phase=phase,
        processors=processors,
    )
    operate(game_date, "retrigger", request, address, as_json)
