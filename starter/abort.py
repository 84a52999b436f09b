"""`tipoff abort DATE --reason R`."""

from __future__ import annotations

from shared.messages import Abort
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


def abort(
    day: DayArgument,
    reason: ReasonOption,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a day now; what runs is cancelled."""
    game_date = parse_day(day)
    check_reason(reason)
    request = Abort(request_id=request_id or new_request_id(), reason=reason, requested_by=requester())
    operate(game_date, "abort", request, address, as_json)
