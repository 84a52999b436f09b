"""`xgboost_v1`: boosted trees on the 33 features, a trained artefact behind it.

The model is the one that `model_decisions` name for D and that was trained before it, whenever the day is
run, so a re-run sees no model that the live day could not have had. It predicts about the median of points;
training and its reasons are in `activities.training.train`. No line is used: see `artefacts.UNLINED`.

    variance = half of (a + b x predicted points), from the model's held-out errors,
               half of his own variance over the last 10 games

The old system's "xgboost_v1" was a hand-written formula under this name (original-system.md section 3);
here there is a model or there is no prediction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xgboost as xgb

from activities.predictions.artefacts import Artefact, load_artefact, model_matrix
from activities.predictions.champions import champion_row
from activities.predictions.systems.base import (
    SystemSpec,
    Workshop,
    bounded_points,
    bounded_std,
    input_confidence,
)
from shared.features import FEATURE_NAMES

SYSTEM_ID = "xgboost_v1"

OWN_SPREAD_SHARE = 0.25
"""Weight of his own last ten games' variance; the rest is the model's. Ten games are a noisy measure."""


class XGBoostSystem:
    """The system around one loaded artefact."""

    system_id = SYSTEM_ID

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self.model_id: str | None = artefact.model_id

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """The model's mean, and the blended spread; deterministic, thread count fixed in the artefact."""
        values = features.astype("float64")
        if values.empty:
            raw = np.zeros(0)
        else:
            data = xgb.DMatrix(
                model_matrix(values), feature_names=list(FEATURE_NAMES), nthread=self._artefact.nthread
            )
            raw = self._artefact.booster.predict(data).astype(np.float64)
        points = bounded_points(raw)
        a, b = self._artefact.variance
        own = values["points_std_last_10"].to_numpy(dtype=np.float64) ** 2
        variance = (1 - OWN_SPREAD_SHARE) * np.maximum(a + b * points, 0.0) + OWN_SPREAD_SHARE * own
        season = values["points_avg_season"].to_numpy(dtype=np.float64)
        return pd.DataFrame(
            {
                "predicted_points": points,
                "predicted_std": bounded_std(np.sqrt(variance)),
                "confidence_score": input_confidence(values),
                "basis": [
                    f"model {point:.1f}, season average {average:.1f}"
                    for point, average in zip(points, season, strict=True)
                ],
            },
            index=features.index,
        )


def _ready(workshop: Workshop) -> XGBoostSystem:
    row = champion_row(workshop.registered, workshop.decisions, SYSTEM_ID, workshop.game_date)
    return XGBoostSystem(load_artefact(workshop.models, str(row["model_id"]), str(row["checksum"])))


SPEC = SystemSpec(SYSTEM_ID, _ready)
