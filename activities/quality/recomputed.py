"""A player's figures computed again from the raw rows, by code that shares nothing with the processors.

One SELECT over the raw tables gives the games; what is counted and averaged is said here once more, in plain
lists and the standard library, so that a mistake of the processors is not repeated.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

TOLERANCE = 1e-6
"""Largest difference that counts as equal, in the figure's own unit. Stored means are of billionths."""

YEARS_BACK = timedelta(days=1_095)
WEEK = timedelta(days=7)

GAMES_SQL = (
    "SELECT p.player_id AS player_id, p.game_date AS game_date, p.season AS season, "
    "p.opponent_abbr AS opponent, p.season_type AS season_type, p.minutes AS minutes, p.points AS points, "
    "p.fga + 0.44 * p.fta AS attempts, p.fga + 0.44 * p.fta + p.turnovers AS plays, "
    "t.fga + 0.44 * t.fta + t.turnovers AS team_plays, t.is_complete AS is_complete, "
    "g.player_minutes AS player_minutes "
    "FROM nba_raw.player_box_scores AS p "
    "LEFT JOIN nba_raw.team_box_scores AS t "
    "ON t.game_date = p.game_date AND t.game_id = p.game_id AND t.team_abbr = p.team_abbr "
    "LEFT JOIN (SELECT game_date, game_id, MAX(player_minutes) AS player_minutes "
    "FROM nba_raw.team_box_scores WHERE game_date >= @since AND game_date < @until "
    "GROUP BY game_date, game_id) AS g ON g.game_date = p.game_date AND g.game_id = p.game_id "
    "WHERE p.game_date >= @since AND p.game_date < @until AND p.player_id IN UNNEST(@players) "
    "ORDER BY player_id, game_date, p.game_id"
)


@dataclass(frozen=True)
class Game:
    """One game of a player, from the raw rows."""

    day: date
    season: str
    opponent: str
    season_type: str
    minutes: int
    """Whole; a half goes up."""
    points: int
    attempts: float
    """FGA + 0.44 FTA."""
    usage: float | None
    """Percent of his team's plays while he was on the floor; None without a complete team box score."""

    @property
    def regular(self) -> bool:
        """Whether it counts in a season's figures."""
        return self.season_type not in ("play_in", "playoffs", "cup_final")


def games_of(rows: pd.DataFrame) -> dict[int, list[Game]]:
    """Every player's games in order, from the rows that `GAMES_SQL` gives."""
    found: dict[int, list[Game]] = {}
    for row in rows.itertuples(index=False):
        minutes = math.floor(float(row.minutes) + 0.5)
        season_type = "regular" if pd.isna(row.season_type) else str(row.season_type)
        game = Game(
            pd.Timestamp(row.game_date).date(), str(row.season), str(row.opponent), season_type, minutes,
            int(row.points), float(row.attempts), _usage(row, minutes),
        )  # fmt: skip
        found.setdefault(int(row.player_id), []).append(game)
    return found


def _usage(row: object, minutes: int) -> float | None:
    complete, team = getattr(row, "is_complete"), getattr(row, "team_plays")  # noqa: B009 - a row of a frame
    if pd.isna(complete) or not complete or not minutes or not team:
        return None
    overtimes = max(0, math.floor((float(getattr(row, "player_minutes")) - 240) / 25 + 0.5))  # noqa: B009
    share = 100.0 * float(getattr(row, "plays")) * (48 + 5 * overtimes) / (minutes * float(team))  # noqa: B009
    return share if share <= 100 else None


def _mean(values: Iterable[float]) -> float | None:
    held = list(values)
    return statistics.fmean(held) if held else None


def figures(games: Iterable[Game], day: date, season: str, opponent: str) -> dict[str, float | None]:
    """What is known of a player on the morning of a date, from games strictly before it.

    Games under half a minute count in no figure, and the Cup final in the week's games only. Before his
    first game of the season its averages are those of his last 20 games. None where no game gives a figure.
    """
    played = [g for g in games if day - YEARS_BACK <= g.day < day and g.minutes >= 1]
    before = [g for g in played if g.season_type != "cup_final"]
    last_10 = before[-10:]
    this_season = [g for g in before if g.season == season and g.regular]
    usual = this_season or before[-20:]
    met = [g for g in before if g.opponent == opponent]
    attempts = sum(g.attempts for g in last_10)
    points = [g.points for g in last_10]
    return {
        "games_in_sample": float(len(last_10)),
        "games_played_season": float(len(this_season)),
        "points_avg_last_5": _mean(g.points for g in before[-5:]),
        "points_avg_last_10": _mean(points),
        "points_avg_season": _mean(g.points for g in usual),
        "points_std_last_10": statistics.stdev(points) if len(points) > 1 else None,
        "minutes_avg_last_10": _mean(g.minutes for g in last_10),
        "minutes_avg_season": _mean(g.minutes for g in usual),
        "minutes_last_game": float(before[-1].minutes) if before else None,
        "ppm_avg_last_10": _mean(g.points / g.minutes for g in last_10),
        "usage_rate_last_10": _mean(g.usage for g in last_10 if g.usage is not None),
        "usage_rate_season": _mean(g.usage for g in usual if g.usage is not None),
        "ts_pct_last_10": sum(points) / (2 * attempts) if attempts else None,
        "avg_points_vs_opponent": _mean(g.points for g in met),
        "games_vs_opponent": float(len(met)),
        "games_in_last_7_days": float(sum(g.day >= day - WEEK for g in played)),
    }


IN_CACHE: Sequence[str] = (
    "games_in_sample", "games_played_season", "points_avg_last_5", "points_avg_last_10", "points_avg_season",
    "points_std_last_10", "minutes_avg_last_10", "minutes_avg_season", "minutes_last_game",
    "ppm_avg_last_10", "usage_rate_last_10", "usage_rate_season", "ts_pct_last_10",
    "avg_points_vs_opponent", "games_vs_opponent",
)  # fmt: skip
"""Of these figures, the columns of `player_daily_cache`."""

IN_VECTOR: Sequence[str] = (
    "points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10",
    "avg_points_vs_opponent", "games_vs_opponent", "games_in_last_7_days", "minutes_avg_last_10",
    "ppm_avg_last_10",
)  # fmt: skip
"""Of these figures, the features."""


def equal(stored: float | None, computed: float | None) -> bool:
    """Whether two figures are the same within the tolerance; unknown equals unknown."""
    if stored is None or computed is None:
        return stored is computed
    return abs(stored - computed) <= TOLERANCE
