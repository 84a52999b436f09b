"""`ensemble_v1`: the other four systems and the market, weighted by what past games taught.

    mean = sum of weight x mean over the members

With a line the market is a member: the consensus line, moved by its prices (see `lines.Quote.market_points`)
and from a median to a mean by XGBoost's own gap between the two. The weights are those of `PRIOR`, which are
what 2024-25 taught walk-forward (6,117 fantasy lines; the market alone beats every system, a fifth of
XGBoost beside it gains a little), moved by graded predictions up to D-2 as they come in
(`activities.predictions.calibration.fit_weights`). The spread is XGBoost's. Inputs: the members and the line.

Source: the old system's ensemble_v1_1 (original-system.md section 3), fixed weights over members of which one
was overwritten by another under the wrong name.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from activities.predictions.systems import moving_average, similarity, xgboost_system, zone_matchup
from activities.predictions.systems.base import SystemSpec, Workshop, column, forecast, input_confidence

SYSTEM_ID = "ensemble_v1"
MARKET = "market"
MEMBERS = (
    moving_average.SYSTEM_ID, zone_matchup.SYSTEM_ID, similarity.SYSTEM_ID, xgboost_system.SYSTEM_ID,
)  # fmt: skip
_XGBOOST = xgboost_system.SYSTEM_ID
PRIOR: Mapping[str, Mapping[str, float]] = {
    "with_line": {MARKET: 0.8, _XGBOOST: 0.2},
    "without_line": {_XGBOOST: 0.9, similarity.SYSTEM_ID: 0.1},
}
"""Weights before anything was graded, by whether there is a line."""


class Ensemble:
    """The system with its weights."""

    system_id = SYSTEM_ID
    model_id: str | None = None

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._weights = {**PRIOR, **weights}

    def predict(self, inputs: pd.DataFrame, members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """See the module's formula. Raises KeyError if a member has not predicted."""
        means = member_means(members, column(inputs, "market_points"))
        lined = means[MARKET].notna().to_numpy(dtype=bool)
        parts = pd.DataFrame(0.0, index=inputs.index, columns=[*MEMBERS, MARKET])
        for name in parts.columns:
            weight = np.where(
                lined,
                self._weights["with_line"].get(name, 0.0),
                self._weights["without_line"].get(name, 0.0),
            )
            parts[name] = weight * means[name].fillna(0.0).to_numpy()
        mean = parts.to_numpy() @ np.ones(len(parts.columns))
        spread = members[_XGBOOST]["predicted_std"].to_numpy(dtype=np.float64)
        with_market = np.where(lined, "four systems and the market", "four systems")
        return forecast(
            inputs.index, mean, spread, input_confidence(inputs), parts.to_dict("records"),
            [f"{text} {point:.1f}" for text, point in zip(with_market, mean, strict=True)],
        )  # fmt: skip


def member_means(members: Mapping[str, pd.DataFrame], market_points: object) -> pd.DataFrame:
    """The members' predicted means, points, and the market's: NaN without a line."""
    means = pd.DataFrame({name: members[name]["predicted_mean"] for name in MEMBERS})
    own = members[_XGBOOST]
    means[MARKET] = market_points + (own["predicted_mean"] - own["predicted_points"]).to_numpy()
    return means


def _ready(workshop: Workshop) -> Ensemble:
    return Ensemble(workshop.weights)


SPEC = SystemSpec(SYSTEM_ID, _ready, uses_line=True)
