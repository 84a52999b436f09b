"""Phase 3, `team_offense_game_summary`: what a team did with the ball."""

from __future__ import annotations

import numpy as np

from activities.analytics.box_math import game_minutes, possessions, true_shooting, with_opponents
from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "season": "str", "team_abbr": "str",
    "opponent_abbr": "str", "is_home": "bool", "is_win": "bool", "points": "int64",
    "opponent_points": "int64", "possessions": "float64", "game_minutes": "int64",
    "overtime_periods": "int64", "pace": "float64", "offensive_rating": "float64",
    "ts_pct": "float64", "season_type": "object",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per team and game of the scope.

    pace = possessions · 48 / game minutes, so that an overtime game does not look fast;
    offensive rating = points per 100 possessions.
    """
    rows, alone = with_opponents(frames["team_box_scores"])
    rows = rows.assign(
        possessions=possessions(rows["fga"], rows["fta"], rows["turnovers"], rows["oreb"]),
        game_minutes=game_minutes(rows["overtime_periods"]),
        is_win=rows["points"] > rows["opponent_points"],
        ts_pct=true_shooting(rows["points"], rows["fga"], rows["fta"]),
    )
    empty = rows["possessions"] <= 0
    rows = rows.loc[~empty]
    rows = rows.assign(
        pace=rows["possessions"] * 48.0 / rows["game_minutes"],
        offensive_rating=100.0 * rows["points"] / rows["possessions"],
    ).sort_values(["game_date", "game_id", "team_abbr"])
    progress(len(rows), len(rows))
    warnings = [f"{game}: only one team has a box score" for game in alone]
    if np.any(empty):
        warnings.append(f"{int(empty.sum())} team rows without possessions left out")
    return Output(shaped(rows, COLUMNS), context.dates, tuple(warnings), {"team_games": len(rows)})
