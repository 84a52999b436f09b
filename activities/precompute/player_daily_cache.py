"""Phase 4, `player_daily_cache`: a player's form from games strictly before the day."""

from __future__ import annotations

import pandas as pd

from activities.analytics.mornings import of_players
from activities.analytics.windows import shaped
from activities.precompute.form import player_form
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "cache_date": "datetime64[us]", "player_id": "int64", "games_in_sample": "int64",
    "games_played_season": "int64", "points_avg_last_5": "float64",
    "points_avg_last_10": "float64", "points_avg_season": "float64",
    "points_std_last_10": "float64", "points_ewma": "float64", "recent_trend": "float64",
    "minutes_change": "float64", "minutes_avg_last_10": "float64",
    "minutes_avg_season": "float64", "ppm_avg_last_10": "float64",
    "usage_rate_last_10": "float64", "usage_rate_season": "float64", "ts_pct_last_10": "float64",
    "avg_points_vs_opponent": "float64", "games_vs_opponent": "int64", "season_source": "str",
    "team_pace_last_10": "float64", "team_off_rating_last_10": "float64",
    "last_game_date": "datetime64[us]", "minutes_ewma": "float64", "shots_ewma": "float64",
    "minutes_last_game": "float64", "minutes_std_last_10": "float64",
}  # fmt: skip

_TARGET = ["player_id", "team_abbr", "opponent_abbr", "game_date", "season"]


def cache_rows(player_games: pd.DataFrame, team_offense: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """The cache's rows for many players and dates, in the order of `targets`."""
    rows = targets[_TARGET].join(player_form(player_games, team_offense, targets))
    since = pd.to_timedelta(rows["days_since_last_game"], unit="D")
    rows = rows.assign(last_game_date=pd.to_datetime(rows["game_date"]) - since)
    return shaped(rows.rename(columns={"game_date": "cache_date"}), COLUMNS)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D."""
    targets = frames["upcoming_players"].sort_values("player_id").reset_index(drop=True)
    rows = cache_rows(of_players(frames["player_games"], targets), frames["team_offense"], targets)
    progress(len(rows), len(rows))
    facts = {
        "players": len(rows),
        "without_games": int((rows["season_source"] == "none").sum()),
        "before_first_game": int((rows["season_source"] == "last_20").sum()),
    }
    return Output(rows, (context.game_date,), facts=facts)
