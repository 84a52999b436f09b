"""Phase 6, `shadow_results`: challengers in shadow against what happened, on their champion's own rows."""

from __future__ import annotations

import numpy as np

from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "model_id": "str", "game_id": "str", "player_id": "int64",
    "player_name": "str", "system_id": "str", "predicted_points": "float64", "predicted_mean": "float64",
    "actual_points": "Int64", "signed_error": "float64", "absolute_error": "float64",
    "champion_absolute_error": "float64", "is_void": "bool", "void_reason": "object",
}  # fmt: skip

NO_CHAMPION = "no_champion_prediction"


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Outcome and voids are those of the champion's graded prediction of the same player and game."""
    keys = ["game_date", "game_id", "player_id", "system_id"]
    champion = frames["results"][[*keys, "actual_points", "absolute_error", "is_void", "void_reason"]]
    rows = frames["shadows"].merge(
        champion.rename(columns={"absolute_error": "champion_absolute_error"}),
        on=keys, how="left", validate="m:1",
    )  # fmt: skip
    alone = rows["is_void"].isna()
    actual = rows["actual_points"].to_numpy(dtype=np.float64, na_value=np.nan)
    error = np.round(rows["predicted_points"].to_numpy(dtype=np.float64) - actual, 2)
    rows = rows.assign(
        signed_error=error,
        absolute_error=np.abs(error),
        is_void=rows["is_void"].astype("boolean").fillna(True),
        void_reason=rows["void_reason"].astype("object").mask(alone, NO_CHAMPION),
    )
    progress(len(rows), len(rows))
    rows = shaped(rows.sort_values(["game_date", "model_id", "game_id", "player_id"]), COLUMNS)
    facts = {"graded": int((~rows["is_void"]).sum()), "void": int(rows["is_void"].sum())}
    return Output(rows, context.dates, facts=facts)
