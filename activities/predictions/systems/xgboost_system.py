"""`xgboost_v1`: boosted trees on the 33 features and seven declared inputs, a trained artefact behind it.

The model is the one that `model_decisions` name for D and that was trained before it, whenever the day is
run, so a re-run sees no model that the live day could not have had. It predicts the mean of points; training
and its reasons are in `activities.training.train`. No line is used: see `artefacts.UNUSED`.

    variance = three quarters of (a + b x predicted mean), from the model's held-out errors,
               a quarter of his own variance over the last 10 games

Reasons are TreeSHAP contributions (Lundberg and others 2020, arXiv 1905.04610), in points, which with the
model's mean add up to the prediction. The old system's "xgboost_v1" was a hand-written formula under this
name (original-system.md section 3); here there is a model or there is no prediction.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from activities.predictions.artefacts import MODEL_COLUMNS, Artefact, load_artefact, model_data
from activities.predictions.champions import champion_row
from activities.predictions.systems.base import (
    Array,
    SystemSpec,
    Workshop,
    column,
    forecast,
    input_confidence,
)

SYSTEM_ID = "xgboost_v1"

OWN_SPREAD_SHARE = 0.25
"""Weight of his own last ten games' variance; the rest is the model's. Ten games are a noisy measure."""


class XGBoostSystem:
    """The system around one loaded artefact."""

    def __init__(self, artefact: Artefact, *, explain: bool = True, system_id: str = SYSTEM_ID) -> None:
        self._artefact = artefact
        self._explain = explain
        self.system_id = system_id
        self.model_id: str | None = artefact.model_id

    def predict(self, inputs: pd.DataFrame, _members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """The model's mean, and the blended spread; deterministic, thread count fixed in the artefact."""
        mean, contributions = self._predicted(inputs)
        a, b = self._artefact.variance
        usual = np.maximum(a + b * mean, 0.0)
        own: Array = column(inputs, "points_std_last_10", np.sqrt(usual)) ** 2
        season = column(inputs, "points_avg_season")
        return forecast(
            inputs.index, mean, np.sqrt((1 - OWN_SPREAD_SHARE) * usual + OWN_SPREAD_SHARE * own),
            input_confidence(inputs), contributions,
            [f"model {point:.1f}, season average {average:.1f}"
             for point, average in zip(mean, season, strict=True)],
        )  # fmt: skip

    def _predicted(self, inputs: pd.DataFrame) -> tuple[Array, list[dict[str, float]]]:
        if inputs.empty:
            return np.zeros(0), []
        data = model_data(inputs, self._artefact.nthread)
        if not self._explain:
            return self._artefact.booster.predict(data).astype(np.float64), [{}] * len(inputs)
        parts = self._artefact.booster.predict(data, pred_contribs=True).astype(np.float64)
        names = [*MODEL_COLUMNS, "average of all"]
        found = [dict(zip(names, row, strict=True)) for row in parts.tolist()]
        return self._artefact.booster.predict(data).astype(np.float64), found


def _load(workshop: Workshop, model: pd.Series) -> XGBoostSystem:
    artefact = load_artefact(workshop.models, str(model["model_id"]), str(model["checksum"]))
    return XGBoostSystem(artefact, explain=workshop.explain)


def _ready(workshop: Workshop) -> XGBoostSystem:
    return _load(
        workshop, champion_row(workshop.registered, workshop.decisions, SYSTEM_ID, workshop.game_date)
    )


SPEC = SystemSpec(SYSTEM_ID, _ready, load=_load)
