"""The columns of `nba_predictions.player_prop_predictions`, shared by the processors that write it."""

from __future__ import annotations

from functools import cache

import pandas as pd

from activities.analytics.windows import shaped

COLUMNS = {
    "game_date": "datetime64[us]", "prediction_id": "str", "game_id": "str", "player_id": "int64",
    "player_lookup": "str", "player_name": "str", "team_abbr": "str", "opponent_abbr": "str",
    "is_home": "bool", "tip_time": "datetime64[us, UTC]", "system_id": "str", "model_id": "object",
    "feature_version": "str", "feature_quality_score": "float64", "predicted_points": "float64",
    "predicted_std": "float64", "prob_over": "float64", "confidence_score": "float64",
    "has_prop_line": "bool", "points_line": "float64", "line_source": "str",
    "books": "int64",
    "sportsbook": "object", "over_price": "float64", "under_price": "float64",
    "line_last_update": "datetime64[us, UTC]", "recommendation": "str", "reason": "str",
    "is_active": "bool", "superseded_by": "object", "as_of": "datetime64[us, UTC]",
    "created_at": "datetime64[us, UTC]", "predicted_mean": "float64", "quantiles": "object",
    "raw_prob_over": "float64", "market_prob_over": "float64", "market_mean": "float64",
    "calibration": "object", "contributions": "object", "estimated_line": "float64",
}  # fmt: skip

ONE_ACTIVE = ["game_id", "player_id", "system_id"]
"""At most one prediction of these is active."""


def shaped_or_empty(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with exactly the table's columns; no rows may come without any column."""
    return _no_rows().copy() if rows.empty else shaped(rows, COLUMNS)


@cache
def _no_rows() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
