"""Fetches the injury report. None to be had is recorded as `unavailable`: unknown is not healthy."""

from __future__ import annotations

from datetime import timedelta

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.sources import espn
from shared.errors import TipoffError

SOON = timedelta(minutes=1)
"""A source that is back by then is asked again rather than done without."""


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores ESPN's report of the morning.

    Raises:
        UpstreamUnavailable: it is to be left alone, and not for long.
    """
    log = ScrapeLog(context, "scrape_injuries")
    with UpstreamClient(context.upstreams) as client:
        try:
            reply = espn.injuries(client)
        except TipoffError as error:
            if error.retry_after and error.retry_after <= SOON:
                raise
            log.miss("injuries", espn.SOURCE, error)
            log.rows[-1]["status"] = "unavailable"
            log.warnings.append(f"no injury report: {error}")
            return log.output({"available": False})
    log.store("injuries", espn.SOURCE, reply)
    return log.output({"available": True})
