"""`moving_average_v1`: weighted recent form with small adjustments for the morning's circumstances.

    points = 0.5 L5 + 0.3 L10 + 0.2 season
             + tired + 0.3 zone mismatch + 0.3 pace + 0.4 usage + back-to-back + venue

tired is -2.5 below a fatigue score of 30 and -1.0 below 50, back-to-back -1.5, venue +0.5 at home and -0.5
away; all in points. Inputs: eleven of the 33 features; no line. Source: the old system
(original-system.md section 3), with one correction: there the fatigue score was read as if 100 were tired,
so rested players lost 2.5 points. Here 100 is fresh, and its thresholds are mirrored.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from activities.predictions.systems.base import (
    Array,
    SystemSpec,
    Workshop,
    bounded_points,
    bounded_std,
    input_confidence,
)

SYSTEM_ID = "moving_average_v1"

FORM_WEIGHTS = {"points_avg_last_5": 0.5, "points_avg_last_10": 0.3, "points_avg_season": 0.2}
FACTOR_WEIGHTS = {"shot_zone_mismatch_score": 0.3, "pace_score": 0.3, "usage_spike_score": 0.4}
BACK_TO_BACK = -1.5
VENUE = 0.5

SPREAD_FLOOR, SPREAD_SHARE = 2.0, 0.18
"""Floor of the standard deviation, 2.0 + 0.18 x predicted points: ten games may look steadier than he is."""


def _weighted(values: pd.DataFrame, weights: Mapping[str, float]) -> Array:
    columns: Array = values[list(weights)].to_numpy(dtype=np.float64)
    total: Array = columns @ np.array(list(weights.values()))
    return total


class MovingAverage:
    """The system; it has no state."""

    system_id = SYSTEM_ID
    model_id: str | None = None

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """See the module's formula. The spread is that of his last 10 games, floored."""
        values = features.astype("float64")
        form = _weighted(values, FORM_WEIGHTS)
        fatigue = values["fatigue_score"].to_numpy(dtype=np.float64)
        circumstances = (
            _weighted(values, FACTOR_WEIGHTS)
            + np.where(fatigue < 30, -2.5, np.where(fatigue < 50, -1.0, 0.0))
            + np.where(values["back_to_back"] >= 0.5, BACK_TO_BACK, 0.0)
            + np.where(values["home_away"] >= 0.5, VENUE, -VENUE)
        )
        points = bounded_points(form + circumstances)
        own = values["points_std_last_10"].to_numpy(dtype=np.float64)
        return pd.DataFrame(
            {
                "predicted_points": points,
                "predicted_std": bounded_std(np.maximum(own, SPREAD_FLOOR + SPREAD_SHARE * points)),
                "confidence_score": input_confidence(values),
                "basis": [
                    f"form {base:.1f}, circumstances {extra:+.1f}"
                    for base, extra in zip(form, circumstances, strict=True)
                ],
            },
            index=features.index,
        )


def _ready(_workshop: Workshop) -> MovingAverage:
    return MovingAverage()


SPEC = SystemSpec(SYSTEM_ID, _ready)
