"""Past lines from the odds source's historical endpoints, in the same rows as the daily ones."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pandas as pd

from activities.processor import ProcessorContext
from activities.raw.prop_lines import prop_rows
from activities.raw.resolution import Registry
from activities.scrape.fan_out import ask_each
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import odds_api
from activities.scrape.sources.odds_api import OddsEvent
from shared.clock import eastern

FIRST_LOOK = time(6, 0)
"""When a date's events are looked for first, US/Eastern."""

MOST_LOOKS = 5

BEFORE_TIP = timedelta(minutes=60)
"""How long before the date's first tip its lines are taken: about when the latest daily run has them."""


def past_lines(
    client: UpstreamClient,
    context: ProcessorContext,
    game_date: date,
    registry: Registry,
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of `nba_raw.player_points_props` of a past date as of an hour before its first tip, and warnings.

    Args:
        client: how the source is asked.
        context: where bodies are stored.
        game_date: the date.
        registry: the players known on it, and each one's team before it.

    Raises:
        AuthenticationError: the key's plan has no past lines.
        UpstreamUnavailable: the events could not be had.
    """
    events = _events(client, context, game_date)
    if not events:
        return pd.DataFrame(), [f"{game_date}: the source has no lines"]
    taken = min(event.commence_time for event in events) - BEFORE_TIP
    answers, warnings = [], []
    asking = ask_each(
        events,
        lambda event: odds_api.past_event_odds(client, event.id, taken),
        odds_api.parse_past_event_odds,
    )
    for event, got in asking:
        if got.reply:
            context.objects.put(odds_api.SOURCE, got.reply.body)
        if got.value:
            answers.append(got.value)
        else:
            warnings.append(f"lines of {event.key}: {got.error}")
    rows, unresolved = prop_rows(game_date, answers, registry)
    return rows, warnings + [
        f"{game_date}: unresolved player {name!r} in the lines: {why}" for name, why in unresolved
    ]


def _events(client: UpstreamClient, context: ProcessorContext, game_date: date) -> list[OddsEvent]:
    """The date's events in the first snapshot from 06:00 on that has any."""
    at: datetime | None = eastern(game_date, FIRST_LOOK)
    midnight = eastern(game_date + timedelta(days=1), time.min)
    for _ in range(MOST_LOOKS):
        if at is None or at >= midnight:
            break
        reply = odds_api.past_events(client, game_date, at)
        context.objects.put(odds_api.SOURCE, reply.body)
        listed, at = odds_api.parse_past_events(reply.body)
        events = [event for event in listed if event.game_date == game_date]
        if events:
            return events
    return []
