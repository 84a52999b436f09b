"""Phase 4, `team_defense_zone_analysis`: what each defence allows, last 15 games."""

from __future__ import annotations

import numpy as np

from activities.analytics.windows import shaped
from activities.precompute.zones import every_team, team_zones
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "analysis_date": "datetime64[us]", "team_abbr": "str", "games_in_sample": "int64",
    "defensive_rating_last_15": "float64", "opponent_points_per_game": "float64",
    "opponent_pace": "float64", "two_pt_pct_allowed": "float64",
    "three_pt_pct_allowed": "float64", "ft_rate_allowed": "float64",
    "two_pt_vs_league_avg": "float64", "three_pt_vs_league_avg": "float64",
    "ft_rate_vs_league_avg": "float64", "strongest_zone": "object", "weakest_zone": "object",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per team with a game in the year before D, whether it plays tonight or not."""
    defense = frames["team_defense"]
    targets = every_team(defense, np.array([context.game_date], dtype="datetime64[us]"))
    rows = targets.join(team_zones(defense, targets)).rename(columns={"game_date": "analysis_date"})
    progress(len(rows), len(rows))
    return Output(shaped(rows, COLUMNS), (context.game_date,), facts={"teams": len(rows)})
