"""Phase 3, `team_defense_game_summary`: what a team allowed."""

from __future__ import annotations

from activities.analytics.box_math import game_minutes, possessions, true_shooting, with_opponents
from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "season": "str", "team_abbr": "str",
    "opponent_abbr": "str", "is_home": "bool", "points_allowed": "int64",
    "opponent_possessions": "float64", "defensive_rating": "float64", "opponent_pace": "float64",
    "opponent_fgm": "int64", "opponent_fga": "int64", "opponent_fg3m": "int64",
    "opponent_fg3a": "int64", "opponent_ftm": "int64", "opponent_fta": "int64",
    "opponent_ts_pct": "float64", "season_type": "object",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per defending team and game of the scope.

    defensive rating = points allowed per 100 opponent possessions; opponent pace = opponent
    possessions · 48 / game minutes (the old system forgot the overtime here).
    """
    rows, alone = with_opponents(frames["team_box_scores"])
    rows = rows.assign(
        points_allowed=rows["opponent_points"],
        opponent_possessions=possessions(
            rows["opponent_fga"],
            rows["opponent_fta"],
            rows["opponent_turnovers"],
            rows["opponent_oreb"],
        ),
        opponent_ts_pct=true_shooting(rows["opponent_points"], rows["opponent_fga"], rows["opponent_fta"]),
    )
    rows = rows.loc[rows["opponent_possessions"] > 0]
    rows = rows.assign(
        defensive_rating=100.0 * rows["points_allowed"] / rows["opponent_possessions"],
        opponent_pace=rows["opponent_possessions"] * 48.0 / game_minutes(rows["overtime_periods"]),
    ).sort_values(["game_date", "game_id", "team_abbr"])
    progress(len(rows), len(rows))
    return Output(
        shaped(rows, COLUMNS),
        context.dates,
        tuple(f"{game}: only one team has a box score" for game in alone),
        {"team_games": len(rows)},
    )
