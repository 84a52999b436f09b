"""Phase 4, `player_shot_zone_analysis`: where a player's shots come from, last 10 games."""

from __future__ import annotations

from activities.analytics.mornings import of_players
from activities.analytics.windows import shaped
from activities.precompute.zones import player_zones
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "analysis_date": "datetime64[us]", "player_id": "int64", "games_in_sample": "int64",
    "two_pt_rate": "float64", "three_pt_rate": "float64", "pct_paint": "float64",
    "pct_mid_range": "float64", "pct_three": "float64", "pct_free_throw": "float64",
    "is_proxy": "bool", "primary_scoring_zone": "str", "zone_source": "str",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D."""
    targets = frames["upcoming_players"][["player_id", "game_date"]].sort_values("player_id")
    rows = targets.join(player_zones(of_players(frames["player_games"], targets), targets))
    rows = rows.rename(columns={"game_date": "analysis_date"})
    progress(len(rows), len(rows))
    facts = {"players": len(rows), "without_shots": int(rows["pct_three"].isna().sum())}
    return Output(shaped(rows, COLUMNS), (context.game_date,), facts=facts)
