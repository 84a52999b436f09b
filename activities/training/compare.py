"""How well models predict: metrics by segment, of rows or as an artefact has them stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shared.models import Metrics

ROTATION_MINUTES = 20.0
"""Mean minutes of his last ten games from which a player counts as one of the rotation."""

Array = np.ndarray[Any, np.dtype[Any]]


def metrics_of(predicted: Array, actual: Array) -> Metrics:
    """n, and mae, rmse and bias (predicted less actual) in points; nothing but n where there are no rows."""
    if not len(actual):
        return {"n": 0.0}
    errors = predicted - actual
    return {
        "n": float(len(errors)),
        "mae": round(float(np.mean(np.abs(errors))), 4),
        "rmse": round(float(np.sqrt(np.mean(errors**2))), 4),
        "bias": round(float(np.mean(errors)), 4),
    }


def segment_metrics(rows: pd.DataFrame, predicted: Array) -> dict[str, Metrics]:
    """Metrics of predictions for rows of `training_features`: `all`, and the `rotation`."""
    actual = rows["points"].to_numpy(dtype=np.float64)
    rotation = (rows["minutes_avg_last_10"] >= ROTATION_MINUTES).to_numpy(dtype=bool)
    return {
        "all": metrics_of(predicted, actual),
        "rotation": metrics_of(predicted[rotation], actual[rotation]),
    }


def stored_metrics(validation: Mapping[str, Any]) -> dict[str, Metrics]:
    """The held-out metrics in an artefact's metadata, by segment: `all`, and those stored beside it."""
    stored = {"all": _plain(validation)}
    segments = validation.get("segments")
    if isinstance(segments, Mapping):
        stored |= {str(name): _plain(values) for name, values in segments.items()}
    return stored


def _plain(values: Mapping[str, Any]) -> Metrics:
    named = {"n": values.get("n", values.get("rows")), **{k: values.get(k) for k in ("mae", "rmse", "bias")}}
    return {name: float(value) for name, value in named.items() if value is not None}
