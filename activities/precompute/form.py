"""A player's form from games strictly before the day: the figures of `player_daily_cache`.

Pure functions over many targets at once (player_id, team_abbr, opponent_abbr, game_date, season).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.mornings import (
    OF_A_GAME,
    OFFENSE_GAMES,
    YEAR,
    appeared,
    counted,
    of_record,
    of_season,
)
from activities.analytics.windows import Array, History, Span, ratio

THREE_YEARS = 1_095
"""How far back a player's own games count: a season lost to an injury does not make him a rookie."""

EWMA_ALPHA = 0.10
MINUTES_ALPHA = 0.30
EWMA_GAMES = 60
"""Beyond 60 games a weight is under 0.2 % of the first."""

SEASON_FALLBACK_GAMES = 20

_COLUMNS = [*OF_A_GAME, "opponent_abbr", "points", "fga", "fta", "ftm", "usage_rate"]


class SeasonFigures:
    """Figures over each target's regular season, or over his last 20 games before its first."""

    def __init__(self, regular: History, this_season: Span, games: History, past: Span) -> None:
        self._regular, self._this_season = regular, this_season
        self._games, self._fallback = games, past.last(SEASON_FALLBACK_GAMES)
        self.started: Array = this_season.count > 0
        self.count: Array = np.where(self.started, this_season.count, self._fallback.count)
        self.source: Array = np.select(
            [self.started, past.count > 0], ["season", f"last_{SEASON_FALLBACK_GAMES}"], default="none"
        )

    def total(self, column: str) -> Array:
        """The exact sum of an integer column, int64."""
        season = self._regular.total(column, self._this_season)
        return np.where(self.started, season, self._games.total(column, self._fallback))

    def mean(self, column: str) -> Array:
        """The mean of a column; NaN without a game."""
        season = self._regular.mean(column, self._this_season)
        return np.where(self.started, season, self._games.mean(column, self._fallback))


def recent_trend(games: History, window: Span) -> Array:
    """Mean points of the latest 3 games less that of the 2 before them, in buckets -2..2.

    ±1 from 2 points, ±2 from 5; positive is rising (the old system had the sign inverted). NaN under
    5 games. Compared in sixths of a point, so that a difference of exactly 2 is one everywhere.
    """
    last_5 = window.last(5)
    recent = games.total("points", last_5.last(3))
    older = games.total("points", last_5.without_last(3))
    sixths = 2 * recent - 3 * older
    bucket = np.sign(sixths) * ((np.abs(sixths) >= 12) * 1 + (np.abs(sixths) >= 30) * 1)
    return np.where(last_5.count == 5, bucket.astype(np.float64), np.nan)


def minutes_change(games: History, window: Span, season: SeasonFigures) -> Array:
    """Mean minutes of the last 5 games against the season's, in buckets -2..2.

    ±1 from 10 %, ±2 from 20 %; positive is more. NaN under 5 games. Compared in integers.
    """
    last_5 = window.last(5)
    recent = games.total("minutes_played", last_5) * season.count * 10
    usual = season.total("minutes_played") * 5
    change = recent - 10 * usual
    bucket = np.sign(change) * ((np.abs(change) >= usual) * 1 + (np.abs(change) >= 2 * usual) * 1)
    there = (last_5.count == 5) & (season.count > 0)
    return np.where(there, bucket.astype(np.float64), np.nan)


def free_throw_share(games: History, window: Span) -> Array:
    """Free-throw points per point, 0-0.5 (more is clamped); NaN without a point."""
    share = ratio(games.total("ftm", window), games.total("points", window))
    return np.minimum(share, 0.5)


def player_form(
    player_games: pd.DataFrame, team_offense: pd.DataFrame, targets: pd.DataFrame
) -> pd.DataFrame:
    """The cache's figures, indexed like `targets`; NaN where no game gives one.

    Points in points, minutes in minutes, usage in percent. "Season" is the regular season; it falls
    back to the last 20 games before a player's first game of it, and `season_source` says so.
    """
    player_games = player_games[_COLUMNS]
    played = counted(player_games)
    played = played.assign(ppm=ratio(played["points"], played["minutes_played"]))
    games = History(played, "player_id")
    past = games.before(targets, THREE_YEARS)
    last_10 = past.last(10)
    regular = History(of_season(played), "player_id")
    this_season = regular.season(targets)
    season = SeasonFigures(regular, this_season, games, past)
    appearances = History(appeared(player_games), "player_id")

    pairs = History(played, "player_id", "opponent_abbr")
    meetings = pairs.before(targets, THREE_YEARS)
    offense = History(of_record(team_offense), "team_abbr")
    team_last_10 = offense.before(targets, YEAR).last(OFFENSE_GAMES)

    attempts = games.total("fga", last_10) + 0.44 * games.total("fta", last_10)
    return pd.DataFrame(
        {
            "games_in_sample": last_10.count,
            "games_played_season": this_season.count,
            "points_avg_last_5": games.mean("points", past.last(5)),
            "points_avg_last_10": games.mean("points", last_10),
            "points_avg_season": season.mean("points"),
            "points_std_last_10": games.deviation("points", last_10),
            "points_ewma": games.weighted("points", past, EWMA_ALPHA, EWMA_GAMES),
            "minutes_ewma": games.weighted("minutes_played", past, MINUTES_ALPHA, EWMA_GAMES),
            "shots_ewma": games.weighted("fga", past, EWMA_ALPHA, EWMA_GAMES),
            "minutes_last_game": games.mean("minutes_played", past.last(1)),
            "minutes_std_last_10": games.deviation("minutes_played", last_10),
            "recent_trend": recent_trend(games, past),
            "minutes_change": minutes_change(games, past, season),
            "minutes_avg_last_10": games.mean("minutes_played", last_10),
            "minutes_avg_season": season.mean("minutes_played"),
            "ppm_avg_last_10": games.mean("ppm", last_10),
            "usage_rate_last_10": games.mean("usage_rate", last_10),
            "usage_rate_season": season.mean("usage_rate"),
            "ts_pct_last_10": ratio(games.total("points", last_10), 2.0 * attempts),
            "avg_points_vs_opponent": pairs.mean("points", meetings),
            "games_vs_opponent": meetings.count,
            "season_source": season.source,
            "team_pace_last_10": offense.mean("pace", team_last_10),
            "team_off_rating_last_10": offense.mean("offensive_rating", team_last_10),
            "days_since_last_game": appearances.days_since(targets, appearances.before(targets, THREE_YEARS)),
        },
        index=targets.index,
    )
