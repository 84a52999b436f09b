"""The Odds API v4, historical: answers as they were at a past instant, wrapped in the time of their snapshot.

The upstream keeps a snapshot every five minutes; here there is one whenever lines were taken.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from replay import wire_odds
from replay.asof import eastern_date, iso, parse_instant, season_of
from replay.league import League
from replay.reply import Ask, Reply, encode, reply

#: How much dearer the past is than the present, per market and region.
DEARER = 10

#: How far from an instant the snapshots before and after it are looked for.
AROUND = timedelta(days=3)


def events(league: League, ask: Ask) -> Reply:
    """Serve the events as they were listed at `date`."""
    return _as_of(league, ask, wire_odds.events, lambda _: 1)


def event_odds(league: League, ask: Ask) -> Reply:
    """Serve one event's lines as they were at `date`."""
    return _as_of(league, ask, wire_odds.event_odds, lambda now: now * DEARER)


def _as_of(
    league: League, ask: Ask, handler: Callable[[League, Ask], Reply], cost: Callable[[int], int]
) -> Reply:
    try:
        asked = parse_instant(ask.one("date"))
    except ValueError:
        asked = None
    if ask.one("apiKey") and (asked is None or asked > ask.as_of):
        message = "Invalid date parameter: an ISO 8601 timestamp, not in the future, is needed"
        return wire_odds.error(422, "INVALID_HISTORICAL_TIMESTAMP", message)
    answer = handler(league, replace(ask, as_of=asked or ask.as_of))
    if answer.status != 200 or asked is None:
        return answer
    times = _snapshots(league, asked)
    at = bisect.bisect_right(times, asked)
    around = {
        "timestamp": iso(times[at - 1] if at else asked),
        "previous_timestamp": iso(times[at - 2]) if at > 1 else None,
        "next_timestamp": iso(times[at]) if at < len(times) and times[at] <= ask.as_of else None,
    }
    charged = {"x-requests-last": str(cost(int(answer.headers["x-requests-last"])))}
    body = f'{encode(around)[:-1]},"data":{answer.body.decode()}}}'
    return replace(reply(body, headers=charged), about=answer.about)


def _snapshots(league: League, around: datetime) -> list[datetime]:
    """Return when lines were taken around an instant, in order."""
    season = league.season(season_of(eastern_date(around)))
    if season is None:
        return []
    # An event counts as known from its first lines on, which is a snapshot as well.
    near = (
        event
        for day in wire_odds.dates_between(around - AROUND, around + AROUND)
        for event in season.events_by_date.get(day, [])
    )
    return sorted({offer.snapshot for event in near for offer in season.offers[event.event_id]})
