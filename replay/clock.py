"""What a game date's `as_of` is, and what can be run: the facts the admin routes answer with."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from replay.asof import eastern, iso, season_of
from replay.league import League

#: The morning of a day without lines, in US/Eastern.
MORNING = time(6, 0)
#: How long after its snapshot a day's lines are read, and how long before the first tip at least.
AFTER_SNAPSHOT = timedelta(minutes=1)
BEFORE_TIP = timedelta(minutes=15)


def morning_of(day: date) -> datetime:
    """Return 06:00 Eastern of the day."""
    return eastern(day, MORNING)


def clock(league: League, day: date) -> dict[str, Any]:
    """Return when the day of `day` is lived, and its first tip.

    With lines: a minute after the latest snapshot, or the assumed snapshot itself where the
    lines have none. Without lines, or without games: 06:00 Eastern. Always at least 15 minutes
    before the first tip.
    """
    season = league.season(season_of(day))
    games = [game for game in season.by_date.get(day, []) if game.called_off is None] if season else []
    events = season.events_by_date.get(day, []) if season and games else []
    assumed = any(event.snapshot_assumed for event in events)
    if events:
        as_of = max(event.snapshot for event in events)
        as_of += timedelta() if assumed else AFTER_SNAPSHOT
    else:
        as_of = morning_of(day)
    first = min(games, key=lambda game: game.tip) if games else None
    if first:
        as_of = min(as_of, first.tip - BEFORE_TIP)
    return {
        "game_date": day.isoformat(),
        "source": league.source,
        "as_of": iso(as_of),
        "first_tip": iso(first.tip) if first else None,
        "snapshot_assumed": assumed,
        "games": len(games),
        "tip_assumed": bool(first and first.tip_assumed),
    }


def seasons(league: League) -> dict[str, Any]:
    """Return the seasons that can be run, and the dates that have lines."""
    summaries = league.summaries()
    return {
        "source": league.source,
        "seasons": [
            {
                "season": it.season,
                "first_date": it.first_date.isoformat(),
                "last_date": it.last_date.isoformat(),
                "games": it.games,
            }
            for it in summaries
        ],
        "dates_with_lines": [day.isoformat() for day in league.dates_with_lines()],
        "latest_date": max(it.last_date for it in summaries).isoformat() if summaries else None,
    }
