"""Phase 4, `player_composite_factors`: fatigue, mismatch, pace, usage and rest in one place."""

from __future__ import annotations

from activities.analytics.windows import shaped
from activities.precompute.factors import composite_factors
from activities.precompute.vectors import morning_context
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "player_id": "int64", "fatigue_score": "float64",
    "shot_zone_mismatch_score": "float64", "pace_score": "float64",
    "usage_spike_score": "float64", "star_teammates_out": "int64", "rest_advantage": "float64",
    "injury_risk": "float64", "injury_known": "bool",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D; NULL where an input is unknown, never a silent zero."""
    mornings = morning_context(
        frames["upcoming_players"],
        frames["upcoming_teams"],
        frames["player_cache"],
        frames["shot_zones"],
        frames["defense_zones"],
    )
    rows = mornings[["game_date", "player_id"]].join(composite_factors(mornings))
    rows = shaped(rows.sort_values("player_id"), COLUMNS)
    progress(len(rows), len(rows))
    facts = {
        "players": len(rows),
        "without_mismatch": int(rows["shot_zone_mismatch_score"].isna().sum()),
    }
    return Output(rows, (context.game_date,), facts=facts)
