"""The page of a day, and the stream that keeps it current while somebody looks."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import date, timedelta

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.phases import PHASES
from worker.console.day_records import Records, read_records
from worker.console.day_status import DaySeen, look_at
from worker.console.day_view import DayView, view_of, waits_for_person
from worker.console.forms import remember, user_of
from worker.console.parameters import parsed_day
from worker.console.rendering import fragment, page
from worker.console.surroundings import Console

log = structlog.get_logger("tipoff.console")

FRAGMENTS = ("headline", "waiting", "phases", "checks", "sources", "timeline", "requests")
"""The parts of the page that are replaced while it is looked at; each has a template of its name."""

EVERY = 1.0
"""Seconds between two looks at a day that runs."""

EVERY_CLOSED = 3.0
"""The same for one that has ended, which a re-trigger may open again."""

BREATH = 15.0
"""Seconds after which a silent stream says that it is there."""


async def view(console: Console, day: date) -> DayView:
    """The day as of now."""
    seen, records = await asyncio.gather(
        look_at(console.client, day, console.ended_runs), console.reader(read_records, console.warehouse, day)
    )
    return _view(console, day, seen, records)


def _view(console: Console, day: date, seen: DaySeen, records: Records) -> DayView:
    return view_of(day, seen, records, console.ui, console.client.namespace)


def fragments(shown: DayView) -> dict[str, str]:
    """The parts that change, by name."""
    values = {"view": shown, "waits": waits_for_person(shown)}
    return {name: fragment(f"day_{name}.html", values) for name in FRAGMENTS}


async def day_page(console: Console, request: Request) -> Response:
    """`/days/DATE`."""
    return await day_response(console, request, parsed_day(request.path_params["day"]))


async def day_response(
    console: Console, request: Request, day: date, *, told: object = None, status: int = 200
) -> Response:
    """A day's page; `told` is what became of a click on it, if there was one."""
    shown = await view(console, day)
    visitor = console.seals.visitor(request)
    blockers = shown.report.blockers if shown.report else ()
    response = page(
        "day.html",
        {
            **console.frame(request, "Days", f"{day}: {shown.status}"),
            "view": shown,
            "fragments": fragments(shown),
            "day": day,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "phases": PHASES,
            "target": request.query_params.get("target") or (blockers[0].phase if blockers else ""),
            "seal": console.seals.seal(visitor, f"act {day}"),
            "request_id": f"console-{secrets.token_hex(8)}",
            "user": user_of(request),
            "told": told,
        },
        status=status if shown.known else 404,
    )
    return remember(response, visitor)


async def day_stream(console: Console, request: Request) -> Response:
    """`/days/DATE/live`: server-sent events, each a part of the page that has changed."""
    day = parsed_day(request.path_params["day"])
    return StreamingResponse(_changes(console, day), media_type="text/event-stream")


async def _changes(console: Console, day: date) -> AsyncIterator[str]:
    sent: dict[str, str] = {}
    seen: DaySeen | None = None
    records = Records()
    said = 0.0
    clock = asyncio.get_running_loop().time
    while True:
        try:
            now = await look_at(console.client, day, console.ended_runs)
            if seen is None or _moved(seen, now):
                records = await console.reader(read_records, console.warehouse, day)
            seen = now
        except HTTPException as error:
            log.warning("a watched day can't be read", game_date=str(day), error=error.detail)
        else:
            for name, html in fragments(_view(console, day, seen, records)).items():
                if sent.get(name) != html:
                    sent[name], said = html, clock()
                    yield f"event: part\ndata: {json.dumps({'name': name, 'html': html})}\n\n"
        if clock() - said > BREATH:
            said = clock()
            yield ": still here\n\n"
        await asyncio.sleep(EVERY if seen is None or seen.is_open else EVERY_CLOSED)


def _moved(before: DaySeen, now: DaySeen) -> bool:
    """Whether the warehouse may have something new."""
    return (before.timeline, before.run_id, before.is_open) != (now.timeline, now.run_id, now.is_open)
