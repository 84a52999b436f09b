"""Phase 4, `system_calibration`: what past graded predictions teach about each system.

Gradings of games up to D-2 only, whenever D is run: the gradings of D-1 are made on D's own morning, beside
the predictions, and a prediction must not depend on which came first.
"""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pandas as pd

from activities.analytics.windows import shaped
from activities.predictions.calibration import fit, fit_weights
from activities.predictions.systems import SYSTEMS
from activities.predictions.systems.ensemble import MARKET, MEMBERS, PRIOR
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "system_id": "str", "graded_rows": "int64", "graded_through": "object",
    "slope": "float64", "intercept": "float64", "weights": "object",
}  # fmt: skip

_KEY = ["game_date", "game_id", "player_id"]


def usable(results: pd.DataFrame, game_date: pd.Timestamp) -> pd.DataFrame:
    """Graded predictions of games up to D-2, in order."""
    if results.empty:
        return results
    before = (results["game_date"] <= game_date - timedelta(days=2)).to_numpy(dtype=bool)
    rows = results.loc[before & ~results["is_void"].to_numpy(dtype=bool)]
    return rows.sort_values([*_KEY, "system_id"], ignore_index=True)


def decided(rows: pd.DataFrame) -> pd.DataFrame:
    """Those whose line was beaten or not: no pushes, a raw probability on record."""
    if rows.empty:
        return rows
    known = rows["outcome"].isin(["over", "under"]) & rows["raw_prob_over"].notna()
    return rows.loc[known.to_numpy(dtype=bool)]


def ensemble_weights(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The ensemble's weights with and without a line, from its members' graded means."""
    if rows.empty:
        return {name: dict(weights) for name, weights in PRIOR.items()}
    wide = rows.pivot(index=_KEY, columns="system_id", values="predicted_mean").reindex(columns=list(MEMBERS))
    first = rows.drop_duplicates(_KEY).set_index(_KEY)
    wide[MARKET] = first["market_mean"]
    actual = first["actual_points"].astype("float64").reindex(wide.index)
    members = wide[list(MEMBERS)].notna().all(axis=1).to_numpy(dtype=bool)
    lined = members & wide[MARKET].notna().to_numpy(dtype=bool)
    with_line = fit_weights(wide.loc[lined], actual[lined].to_numpy(), PRIOR["with_line"])
    bare = wide.loc[members, list(MEMBERS)]
    return {
        "with_line": with_line,
        "without_line": fit_weights(bare, actual[members].to_numpy(), PRIOR["without_line"]),
    }


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per system."""
    rows = usable(frames["results"], pd.Timestamp(context.game_date))
    weights = json.dumps(ensemble_weights(rows), sort_keys=True)
    lined = decided(rows)
    found = []
    for done, spec in enumerate(SYSTEMS):
        progress(done, len(SYSTEMS), spec.system_id)
        own = lined if lined.empty else lined.loc[(lined["system_id"] == spec.system_id).to_numpy(dtype=bool)]
        fitted = fit(
            *(
                (np.zeros(0), np.zeros(0), np.zeros(0))
                if own.empty
                else (
                    own["raw_prob_over"].to_numpy(dtype=np.float64),
                    own["market_prob_over"].to_numpy(dtype=np.float64, na_value=np.nan),
                    (own["outcome"] == "over").to_numpy(dtype=np.float64),
                )
            ),
            uses_line=spec.uses_line,
        )
        through = None if own.empty else f"{own['game_date'].max():%Y-%m-%d}"
        found.append(
            {
                "game_date": pd.Timestamp(context.game_date), "system_id": spec.system_id,
                "graded_rows": fitted.rows, "graded_through": through, "slope": fitted.slope,
                "intercept": fitted.intercept, "weights": weights if spec.uses_line else None,
            }
        )  # fmt: skip
    table = shaped(pd.DataFrame(found, columns=list(COLUMNS)), COLUMNS)
    return Output(table, (context.game_date,), facts={"graded_rows": len(lined)})
