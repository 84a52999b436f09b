"""`moving_average_v1`: weighted recent form with small adjustments for the morning's circumstances.

    mean = 0.5 L5 + 0.3 L10 + 0.2 season
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
    SystemSpec,
    Workshop,
    column,
    forecast,
    input_confidence,
    usual_spread,
)

SYSTEM_ID = "moving_average_v1"

FORM = {"points_avg_last_5": 0.5, "points_avg_last_10": 0.3, "points_avg_season": 0.2}
FACTORS = {"shot_zone_mismatch_score": 0.3, "pace_score": 0.3, "usage_spike_score": 0.4}
BACK_TO_BACK = -1.5
VENUE = 0.5


class MovingAverage:
    """The system; it has no state."""

    system_id = SYSTEM_ID
    model_id: str | None = None

    def predict(self, inputs: pd.DataFrame, _members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """See the module's formula."""
        fatigue = column(inputs, "fatigue_score")
        parts = {name: weight * column(inputs, name) for name, weight in {**FORM, **FACTORS}.items()}
        parts["fatigue_score"] = np.where(fatigue < 30, -2.5, np.where(fatigue < 50, -1.0, 0.0))
        parts["back_to_back"] = np.where(column(inputs, "back_to_back") >= 0.5, BACK_TO_BACK, 0.0)
        parts["home_away"] = np.where(column(inputs, "home_away") >= 0.5, VENUE, -VENUE)
        table = pd.DataFrame(parts, index=inputs.index)
        form = table[list(FORM)].to_numpy() @ np.ones(len(FORM))
        mean = table.to_numpy() @ np.ones(len(parts))
        return forecast(
            inputs.index, mean, usual_spread(mean, column(inputs, "points_std_last_10")),
            input_confidence(inputs), table.to_dict("records"),
            [f"form {base:.1f}, circumstances {all_ - base:+.1f}"
             for base, all_ in zip(form, mean, strict=True)],
        )  # fmt: skip


def _ready(_workshop: Workshop) -> MovingAverage:
    return MovingAverage()


SPEC = SystemSpec(SYSTEM_ID, _ready)
