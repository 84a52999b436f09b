"""Fetches the schedule: nba.com's CDN, else ESPN's scoreboards around the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pandas as pd

from activities.processor import Frames, ObjectStore, Output, ProcessorContext, Progress
from activities.scrape.fan_out import asked
from activities.scrape.http import UpstreamClient
from activities.scrape.log import ScrapeLog, stored
from activities.scrape.sources import espn, nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.clock import days_between, iso_utc
from shared.errors import UpstreamUnavailable

BACK, AHEAD = timedelta(days=8), timedelta(days=7)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores the season's schedule.

    Raises:
        UpstreamUnavailable: no source has one.
    """
    log = ScrapeLog(context, "scrape_schedule")
    with UpstreamClient(context.upstreams) as client:
        games = _from_nba(log, client)
        if games is None:
            games = _from_espn(log, client, context.game_date, progress)
    today = [g for g in games if g.game_date == context.game_date and not g.postponed]
    return log.output({"games": len(today), "first_tip": iso_utc(min(g.tip for g in today)) if today else ""})


def _from_nba(log: ScrapeLog, client: UpstreamClient) -> list[ScheduledGame] | None:
    got = asked(lambda: nba_cdn.schedule(client), nba_cdn.parse_schedule)
    log.answer("schedule/nba_cdn", nba_cdn.SOURCE, got.reply, got.error)
    if got.error:
        log.warnings.append(str(got.error))
    return got.value


def _from_espn(log: ScrapeLog, client: UpstreamClient, day: date, progress: Progress) -> list[ScheduledGame]:
    games: list[ScheduledGame] = []
    days = days_between(day - BACK, day + AHEAD)
    for number, one in enumerate(days):
        progress(number, len(days), f"ESPN scoreboard {one}")
        request = f"schedule/espn/{one}"
        got = asked(partial(espn.scoreboard, client, one), espn.parse_scoreboard)
        log.answer(request, espn.SOURCE, got.reply, got.error)
        if got.error:
            msg = f"schedule: neither nba.com nor ESPN ({one}) has one: {got.error}"
            raise UpstreamUnavailable(msg)
        games += [game for game, _ in got.value or ()]
    log.warnings.append("schedule from ESPN: nba.com's was not to be had")
    return games


def read_schedule(responses: pd.DataFrame, objects: ObjectStore) -> list[ScheduledGame]:
    """The games of the schedule that a day has stored, by the source that won."""
    games: list[ScheduledGame] = []
    for row, body in stored(responses, objects, "schedule/"):
        if row["status"] != "ok":
            continue
        if row["source"] == nba_cdn.SOURCE:
            return nba_cdn.parse_schedule(body)
        games += [game for game, _ in espn.parse_scoreboard(body)]
    return sorted(games, key=lambda g: (g.game_date, g.key))


def with_nba_ids(games: list[ScheduledGame], earlier: pd.DataFrame) -> list[ScheduledGame]:
    """The games with nba.com's ids, of which ESPN knows none, as the mornings before had them.

    `earlier` holds their schedules: snapshot_date, game_id, nba_game_id. They reach a week ahead.
    """
    known = earlier.loc[earlier["nba_game_id"].notna().to_numpy(dtype=bool)].sort_values("snapshot_date")
    ids = dict(zip(known["game_id"], known["nba_game_id"], strict=True))
    return [replace(g, nba_game_id=g.nba_game_id or str(ids.get(g.key, ""))) for g in games]
