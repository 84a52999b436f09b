"""Fetches player points lines: the odds source's events of the day, then each event's odds.

Lines are asked for until tip-off. From then on the source gives those of a game under way, which know what
has happened: what was stored before the tip-off stays.
"""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.fan_out import ask_each
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog, stored
from activities.scrape.schedule import read_schedule
from activities.scrape.sources import odds_api
from shared.errors import TipoffError, UpstreamUnavailable

OFF_SCHEDULE = "not on the schedule: "
"""The detail of a list of events begins so; the games that the schedule lacks follow, by key."""


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores events and odds. A game without lines is a warning: its players get no recommendation.

    A game that has begun keeps the odds stored before.

    Raises:
        UpstreamUnavailable: the events, or the odds of every event, could not be had.
    """
    log = ScrapeLog(context, "scrape_prop_lines")
    scheduled = [
        g for g in read_schedule(frames["responses"], context.objects) if g.game_date == context.game_date
    ]
    slate = {g.key for g in scheduled if not g.postponed}
    if not slate:
        return log.output({"events": 0})
    begun = _keep_begun(log, context, frames)
    with UpstreamClient(context.upstreams) as client:
        listed = odds_api.events(client, context.game_date)
        offered = odds_api.parse_events(listed.body)
        off_schedule = sorted(
            {e.key for e in offered if e.game_date == context.game_date} - {g.key for g in scheduled}
        )
        detail = OFF_SCHEDULE + ", ".join(off_schedule) if off_schedule else ""
        log.store("events", odds_api.SOURCE, listed, subject=context.game_date, detail=detail)
        listing = [e for e in offered if e.key in slate]
        events = [e for e in listing if e.commence_time > context.now]

        failed: list[TipoffError] = []
        answers = ask_each(
            events, lambda event: odds_api.event_odds(client, event.id), odds_api.parse_event_odds
        )
        for done, (event, got) in enumerate(answers):
            progress(done + 1, len(events), event.key)
            request = f"event_odds/{event.id}"
            if got.error:
                failed.append(got.error)
                log.warnings.append(f"lines of {event.key}: {got.error}")
            log.answer(request, odds_api.SOURCE, got.reply, got.error, subject=context.game_date)
    if failed and len(failed) == len(events):
        raise UpstreamUnavailable(f"lines: no event's odds could be had: {failed[0]}")
    for key in off_schedule:
        log.warnings.append(f"lines: the market has {key}, and the schedule has not")
    late = {e.key for e in listing if e.commence_time <= context.now} - begun
    for key in sorted(late):
        log.warnings.append(f"lines: {key} had begun before they were asked for")
    for key in sorted(slate - {e.key for e in events} - begun - late):
        log.warnings.append(f"lines: no event for {key}")
    return log.output({"events": len(events), "begun": len(begun)})


def _keep_begun(log: ScrapeLog, context: ProcessorContext, frames: Frames) -> set[str]:
    """Keeps what an earlier run of the day has stored of games that have begun since; their keys."""
    begun: set[str] = set()
    for row, body in stored(frames["responses"], context.objects, "event_odds/"):
        if row["status"] == "ok":
            event, _ = odds_api.parse_event_odds(body)
            if event.commence_time <= context.now:
                log.keep(row)
                begun.add(event.key)
    return begun
