"""`tipoff pause DATE --reason R`."""

from __future__ import annotations

from shared.messages import Pause
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


def pause(
    day: DayArgument,
    reason: ReasonOption,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start nothing new on a day until it is resumed; what runs finishes."""
    game_date = parse_day(day)
    check_reason(reason)
    request = Pause(request_id=request_id or new_request_id(), reason=reason, requested_by=requester())
    operate(game_date, "pause", request, address, as_json)
