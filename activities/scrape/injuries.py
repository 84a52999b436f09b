"""Fetches the injury report. None to be had is recorded as `unavailable`: unknown is not healthy."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.sources import espn
from shared.errors import TipoffError


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores ESPN's report of the morning."""
    log = ScrapeLog(context, "scrape_injuries")
    with UpstreamClient(context.upstreams) as client:
        try:
            reply = espn.injuries(client)
        except TipoffError as error:
            log.miss("injuries", espn.SOURCE, error)
            log.rows[-1]["status"] = "unavailable"
            log.warnings.append(f"no injury report: {error}")
            return log.output({"available": False})
    log.store("injuries", espn.SOURCE, reply)
    return log.output({"available": True})
