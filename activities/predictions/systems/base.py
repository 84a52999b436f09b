"""What every prediction system looks like, and the bounds that hold for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from activities.predictions import distribution

Array = np.ndarray[Any, np.dtype[Any]]

POINTS_BOUNDS = (0.0, 60.0)
"""A prediction outside is a fault somewhere before it; the old system once published 60+ for weeks."""

STD_BOUNDS = (2.0, 15.0)
"""Points. Below 2 nobody is that regular; above 15 nobody has been over a season."""

SPREAD = (7.2, 2.5)
"""Variance of points around a mean: 7.2 + 2.5 x mean, points squared. Least squares on the walk-forward
errors of 25,794 player-games of 2023-24; used where a system has no measured spread of its own."""

CONTRIBUTIONS_KEPT = 6


class System(Protocol):
    """A system that is ready to predict."""

    @property
    def system_id(self) -> str:
        """Its name in every table."""

    @property
    def model_id(self) -> str | None:
        """The id of the trained model behind it, if there is one."""

    def predict(self, inputs: pd.DataFrame, members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Predicts each row, index kept.

        Args:
            inputs: the 33 features and the declared inputs of `shared.inputs`, float64, and market_points
                (what the consensus line and its prices say, NaN without a line).
            members: what the systems before it in the list predicted for the same rows.

        Returns a frame as `forecast` makes it.
        """


@dataclass(frozen=True)
class Workshop:
    """What a system may need to get ready: nothing in it has seen a game of D or later."""

    game_date: date
    models: Path
    """The models folder."""
    registered: pd.DataFrame
    """Rows of `nba_predictions.ml_models` trained through a date before D."""
    decisions: pd.DataFrame
    """Rows of `nba_predictions.model_decisions` in effect on D."""
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The ensemble's weights fitted on past graded predictions, by `with_line` and `without_line`."""
    explain: bool = True
    """Whether contributions are wanted; an evaluation of a season does without."""


@dataclass(frozen=True)
class SystemSpec:
    """A system by name, and how to get it ready for a date."""

    system_id: str
    ready: Callable[[Workshop], System]
    uses_line: bool = False
    load: Callable[[Workshop, pd.Series], System] | None = None
    """The system around one registered model, for those that have one."""


def forecast(
    index: pd.Index,
    mean: Array,
    std: Array,
    confidence: Array,
    contributions: list[dict[str, float]],
    basis: list[str],
) -> pd.DataFrame:
    """A system's answer, bounded and rounded to the hundredth.

    predicted_mean and predicted_std (points) define the distribution (see `distribution`); predicted_points
    is its median; confidence_score 0-1 says how settled the inputs are, it is no probability of winning;
    contributions is JSON, name to points, the largest first; basis says it in a few words.
    """
    mean = np.round(np.clip(mean, *POINTS_BOUNDS), 2)
    std = np.round(np.clip(std, *STD_BOUNDS), 2)
    return pd.DataFrame(
        {
            "predicted_points": np.round(distribution.median(mean, std), 2),
            "predicted_mean": mean,
            "predicted_std": std,
            "confidence_score": np.round(confidence, 2),
            "contributions": [_largest(parts) for parts in contributions],
            "basis": basis,
        },
        index=index,
    )


def _largest(parts: Mapping[str, float]) -> str:
    ordered = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0]))[:CONTRIBUTIONS_KEPT]
    return json.dumps({name: round(float(points), 2) for name, points in ordered})


def usual_spread(mean: Array, own_std: Array, own_share: float = 0.25) -> Array:
    """Standard deviation: the usual variance at this mean, a quarter of it his own last ten games'.

    Ten games are a noisy measure of one man's regularity, so most of the weight is everyone's.
    """
    usual = SPREAD[0] + SPREAD[1] * np.maximum(mean, 0.0)
    own = np.where(np.isfinite(own_std), own_std, np.sqrt(usual)) ** 2
    spread: Array = np.sqrt((1.0 - own_share) * usual + own_share * own)
    return spread


def input_confidence(features: pd.DataFrame) -> Array:
    """Confidence in the inputs, 0.2-0.8, by the old system's shared rule (original-system.md section 3).

    0.5; spread of the last 10 games above 6 points -0.15, above 4 -0.08; 3 games or more in a week +0.10,
    2 +0.05, fewer -0.10. Says how settled a player's form is; win probabilities are in prob_over.
    """
    std = features["points_std_last_10"].to_numpy(dtype=np.float64)
    games = features["games_in_last_7_days"].to_numpy(dtype=np.float64)
    spread = np.where(std > 6, -0.15, np.where(std > 4, -0.08, 0.0))
    activity = np.where(games >= 3, 0.10, np.where(games >= 2, 0.05, -0.10))
    confidence: Array = np.round(np.clip(0.5 + spread + activity, 0.2, 0.8), 2)
    return confidence


def column(inputs: pd.DataFrame, name: str, fallback: Array | float = np.nan) -> Array:
    """A column as float64, unknown values replaced."""
    values = inputs[name].to_numpy(dtype=np.float64)
    known: Array = np.where(np.isfinite(values), values, fallback)
    return known
