"""Phase 4, `player_composite_factors`: fatigue, mismatch, pace, usage and rest in one place."""

from __future__ import annotations

import pandas as pd

from activities.analytics.windows import shaped
from activities.precompute.factors import composite_factors
from activities.precompute.vectors import morning_context
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, check_figure

COLUMNS = {
    "game_date": "datetime64[us]", "player_id": "int64", "fatigue_score": "float64",
    "shot_zone_mismatch_score": "float64", "pace_score": "float64",
    "usage_spike_score": "float64", "star_teammates_out": "int64", "rest_advantage": "float64",
    "injury_risk": "float64", "injury_known": "bool",
}  # fmt: skip


FEATURES_MADE = tuple(name for name in COLUMNS if name in FEATURE_NAMES)


def check_figures(rows: pd.DataFrame) -> None:
    """Check every figure that is a feature before it is written.

    Raises:
        FeatureContractViolation: one is out of the contract's bounds; names the player. A bound is not
            relaxed because a row breaks it.
    """
    for player, *figures in rows[["player_id", *FEATURES_MADE]].itertuples(index=False, name=None):
        for name, value in zip(FEATURES_MADE, figures, strict=True):
            try:
                check_figure(name, float(value))
            except FeatureContractViolation as violation:
                raise FeatureContractViolation(f"player {player}: {violation}") from violation


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D; NULL where an input is unknown, never a silent zero.

    Raises:
        FeatureContractViolation: a figure is out of its feature's bounds.
    """
    mornings = morning_context(
        frames["upcoming_players"],
        frames["upcoming_teams"],
        frames["player_cache"],
        frames["shot_zones"],
        frames["defense_zones"],
    )
    rows = mornings[["game_date", "player_id"]].join(composite_factors(mornings))
    rows = shaped(rows.sort_values("player_id"), COLUMNS)
    check_figures(rows)
    progress(len(rows), len(rows))
    facts = {
        "players": len(rows),
        "without_mismatch": int(rows["shot_zone_mismatch_score"].isna().sum()),
    }
    return Output(rows, (context.game_date,), facts=facts)
