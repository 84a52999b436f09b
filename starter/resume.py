"""`tipoff resume DATE --reason R`."""

from __future__ import annotations

from shared.messages import Resume
from starter.operate import operate
from starter.options import (
    AddressOption,
    DayArgument,
    JsonOption,
    ReasonOption,
    RequestIdOption,
    check_reason,
    new_request_id,
    parse_day,
    requester,
)


def resume(
    day: DayArgument,
    reason: ReasonOption,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a paused day."""
    game_date = parse_day(day)
    check_reason(reason)
    request = Resume(request_id=request_id or new_request_id(), reason=reason, requested_by=requester())
    operate(game_date, "resume", request, address, as_json)
