"""`tipoff skip DATE --phase P --reason R`."""

from __future__ import annotations

from shared.messages import Skip
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


def skip(
    day: DayArgument,
    phase: PhaseOption,
    reason: ReasonOption,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a day without a phase."""
    game_date = parse_day(day)
    check_phase(phase)
    check_reason(reason)
    request = Skip(
        request_id=request_id or new_request_id(),
        reason=reason,
        requested_by=requester(),
        phase=phase,
    )
    operate(game_date, "skip", request, address, as_json)
