"""Phase 6, `system_daily_performance`: how each system did on each graded date."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "system_id": "str", "predictions": "int64", "graded": "int64",
    "voids": "int64", "pushes": "int64", "recommendations": "int64", "correct": "int64",
    "mae": "float64", "rmse": "float64", "bias": "float64", "lined": "int64", "lined_mae": "float64",
    "line_mae": "float64", "hit_rate": "float64", "brier": "float64",
}  # fmt: skip

_KEY = ["game_date", "system_id"]


def _mean(values: pd.Series, of: Callable[[pd.Series], pd.Series] = lambda v: v) -> float:
    """Mean to six decimals; NaN (NULL) of nothing."""
    return round(float(of(values).mean()), 6) if len(values) else float("nan")


def performance(results: pd.DataFrame) -> dict[str, object]:
    """The figures of one system and date. Errors are over graded rows, in points, predicted less actual.

    The line's error is over the rows that have one (`lined`), and `lined_mae` is the system's on the very
    same rows: only these two may be compared. Brier is over decided lines, pushes left out.
    """
    rows = results.loc[~results["is_void"].to_numpy(dtype=bool)]
    lined = rows.loc[rows["points_line"].notna().to_numpy(dtype=bool)]
    priced = lined.loc[
        lined["outcome"].isin(["over", "under"]).to_numpy(dtype=bool)
        & lined["prob_over"].notna().to_numpy(dtype=bool)
    ]
    bets = rows["prediction_correct"].dropna()
    actual = lined["actual_points"].astype("float64")
    happened = (priced["outcome"] == "over").astype("float64")
    return {
        "predictions": len(results),
        "graded": len(rows),
        "voids": len(results) - len(rows),
        "pushes": int((rows["outcome"] == "push").sum()),
        "recommendations": int(results["recommendation"].isin(["OVER", "UNDER"]).sum()),
        "correct": int(bets.sum()),
        "mae": _mean(rows["absolute_error"]),
        "rmse": round(float(np.sqrt((rows["signed_error"] ** 2).mean())), 6) if len(rows) else float("nan"),
        "bias": _mean(rows["signed_error"]),
        "lined": len(lined),
        "lined_mae": _mean(lined["absolute_error"]),
        "line_mae": _mean((lined["points_line"] - actual).abs()),
        "hit_rate": round(int(bets.sum()) / len(bets), 6) if len(bets) else float("nan"),
        "brier": _mean((priced["prob_over"] - happened) ** 2),
    }


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per date of the scope and system with predictions."""
    results = frames["results"]
    # Sums of floats depend on their order, and content hashes on the sums.
    results = results.sort_values([*_KEY, "prediction_id"]) if len(results) else results
    found = [
        {"game_date": day, "system_id": system, **performance(rows)}
        for (day, system), rows in results.groupby(_KEY, sort=True)
    ]
    rows = shaped(pd.DataFrame(found, columns=list(COLUMNS)), COLUMNS)
    progress(len(rows), len(rows))
    facts = {f"mae_{r.system_id}": float(r.mae) for r in rows.itertuples() if not np.isnan(r.mae)}
    return Output(rows, context.dates, facts={"rows": len(rows), **facts})
