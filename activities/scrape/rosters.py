"""Fetches the rosters of the teams that play today, from ESPN."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.fan_out import ask_each
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.schedule import read_schedule
from activities.scrape.sources import espn
from shared.errors import TipoffError, UpstreamUnavailable


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores a roster per team. A team without one is a warning; its recent players stand in.

    Raises:
        UpstreamUnavailable: no roster at all could be had.
    """
    log = ScrapeLog(context, "scrape_rosters")
    games = read_schedule(frames["responses"], context.objects)
    today = [g for g in games if g.game_date == context.game_date and not g.postponed]
    teams = sorted({t for g in today for t in (g.home, g.away)})

    with UpstreamClient(context.upstreams) as client:
        failed: list[TipoffError] = []
        answers = ask_each(teams, lambda team: espn.roster(client, team), espn.parse_roster)
        for done, (team, got) in enumerate(answers):
            progress(done + 1, len(teams), team)
            if got.error:
                failed.append(got.error)
                log.warnings.append(f"roster of {team}: {got.error}")
            log.answer(f"roster/{team}", espn.SOURCE, got.reply, got.error)
    if teams and len(failed) == len(teams):
        raise UpstreamUnavailable(f"rosters: none could be had: {failed[0]}")
    return log.output({"teams": len(teams) - len(failed)})
