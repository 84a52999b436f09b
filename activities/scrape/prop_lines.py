"""Fetches player points lines: the odds source's events of the day, then each event's odds."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.fan_out import ask_each
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.schedule import read_schedule
from activities.scrape.sources import odds_api
from shared.errors import TipoffError, UpstreamUnavailable


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores events and odds. A game without lines is a warning: its players get no recommendation.

    Raises:
        UpstreamUnavailable: the events, or the odds of every event, could not be had.
    """
    log = ScrapeLog(context, "scrape_prop_lines")
    slate = {
        g.key
        for g in read_schedule(frames["responses"], context.objects)
        if g.game_date == context.game_date and not g.postponed
    }
    if not slate:
        return log.output({"events": 0})
    with UpstreamClient(context.upstreams) as client:
        listed = odds_api.events(client, context.game_date)
        log.store("events", odds_api.SOURCE, listed, subject=context.game_date)
        events = [e for e in odds_api.parse_events(listed.body) if e.key in slate]

        failed: list[TipoffError] = []
        answers = ask_each(events, lambda event: odds_api.event_odds(client, event.id))
        for done, (event, got) in enumerate(answers):
            progress(done + 1, len(events), event.key)
            request = f"event_odds/{event.id}"
            if isinstance(got, TipoffError):
                failed.append(got)
                log.miss(request, odds_api.SOURCE, got, subject=context.game_date)
                log.warnings.append(f"lines of {event.key}: {got}")
            else:
                log.store(request, odds_api.SOURCE, got, subject=context.game_date)
    if failed and len(failed) == len(events):
        raise UpstreamUnavailable(
            f"lines: no event's odds could be had: {failed[0]}", retry_after=failed[0].retry_after
        )
    for key in sorted(slate - {e.key for e in events}):
        log.warnings.append(f"lines: no event for {key}")
    return log.output({"events": len(events)})
