"""What a person tells a day from its page: retrigger, skip, pause, resume, abort."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

import structlog
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from temporalio.service import RPCError

from shared.errors import BadRequest, TipoffError
from shared.messages import Abort, OperatorRequest, Pause, Resume, Retrigger, Skip
from shared.phases import PHASES, phase_named
from worker.console.day import day_response
from worker.console.forms import read_form, user_of
from worker.console.parameters import parsed_day
from worker.console.surroundings import Console
from worker.day_messages import DayMessages

log = structlog.get_logger("tipoff.console")

ACTIONS: dict[str, type[OperatorRequest]] = {
    "retrigger": Retrigger, "skip": Skip, "pause": Pause, "resume": Resume, "abort": Abort,
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What became of a click."""

    accepted: bool
    action: str
    message: str


def request_of(form: dict[str, str], user: str) -> tuple[str, OperatorRequest]:
    """The action and the message that a form asks for.

    Raises:
        BadRequest: a field is missing or wrong; the message names it.
    """
    action = form.get("action", "")
    if action not in ACTIONS:
        raise BadRequest(f"action: {action[:50]!r} is none of {', '.join(ACTIONS)}")
    who = user or form.get("who", "")
    if not who:
        raise BadRequest("who: give your name; it is kept with the day")
    if not form.get("reason"):
        raise BadRequest("reason: say why; it is kept with the day")
    fields: dict[str, object] = {
        "request_id": form.get("request_id") or f"console-{secrets.token_hex(8)}",
        "reason": form["reason"],
        "requested_by": f"{who} (console)",
    }
    if action in ("retrigger", "skip"):
        fields |= _target(action, form.get("target", ""))
    try:
        return action, ACTIONS[action].model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequest(f"{first['loc'][0]}: {first['msg']}") from None


def _target(action: str, target: str) -> dict[str, object]:
    """Phase and processors of `raw` or `raw/raw_players`."""
    if not target:
        raise BadRequest(f"phase: choose what to {action}; one of {', '.join(p.name for p in PHASES)}")
    name, _, processor = target.partition("/")
    phase = phase_named(name)
    if not processor:
        return {"phase": phase.name}
    if action == "skip":
        raise BadRequest(f"phase: a processor can't be skipped alone; choose the whole of {phase.name}")
    if processor not in [p.name for p in phase.processors]:
        raise BadRequest(f"phase: {phase.name} has no processor {processor[:50]!r}")
    return {"phase": phase.name, "processors": (processor,)}


async def act(console: Console, request: Request) -> Response:
    """`POST /days/DATE/act`: sends what the command line sends, and shows the day with what it answered."""
    day = parsed_day(request.path_params["day"])
    form = await read_form(request)
    try:
        console.seals.check(request, form, f"act {day}")
    except HTTPException as refused:
        log.warning("an act was refused", game_date=str(day), why=refused.detail)
        raise
    told = await _tell(console, day, form, user_of(request))
    return await day_response(console, request, day, told=told, status=200 if told.accepted else 409)


async def _tell(console: Console, day: date, form: dict[str, str], user: str) -> Told:
    action = form.get("action", "")[:50]
    try:
        action, message = request_of(form, user)
        sent = await DayMessages(console.client, console.settings.task_queue).send(day, action, message)
    except RPCError as error:
        return Told(False, action, f"The Temporal server did not take it: {error.message}")
    except TipoffError as error:
        return Told(False, action, str(error))
    log.info(
        "an act", game_date=str(day), action=action, accepted=sent.accepted, answer=sent.message,
        requested_by=message.requested_by, reason=message.reason, request_id=message.request_id,
    )  # fmt: skip
    return Told(sent.accepted, action, sent.message)


async def back_to_day(console: Console, request: Request) -> Response:
    """`GET /days/DATE/act`: what somebody gets who loads the answer's address again."""
    del console
    return RedirectResponse(f"/days/{parsed_day(request.path_params['day'])}", 303)
