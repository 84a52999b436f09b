"""What every prediction system looks like, and the bounds that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

POINTS_BOUNDS = (0.0, 60.0)
"""A prediction outside is a fault somewhere before it; the old system once published 60+ for weeks."""

STD_BOUNDS = (2.0, 15.0)
"""Points. Below 2 nobody is that regular; above 15 nobody has been over a season."""


class System(Protocol):
    """A system that is ready to predict."""

    @property
    def system_id(self) -> str:
        """Its name in every table."""

    @property
    def model_id(self) -> str | None:
        """The id of the trained model behind it, if there is one."""

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Predicts each row of the 33 features (float64, the contract's names), index kept.

        Returns predicted_points and predicted_std (points), confidence_score (0-1: how good the inputs
        are, not a probability of winning) and basis (a few words on what the number is made of).
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
    """Rows of `nba_predictions.model_decisions` that hold from D or an earlier date."""


@dataclass(frozen=True)
class SystemSpec:
    """A system by name, and how to get it ready for a date."""

    system_id: str
    ready: Callable[[Workshop], System]


def bounded_points(points: Array) -> Array:
    """Points within 0..60, to the hundredth: what float noise there is stays below it."""
    bounded: Array = np.round(np.clip(points, *POINTS_BOUNDS), 2)
    return bounded


def bounded_std(std: Array) -> Array:
    """Standard deviations within 2..15 points, to the hundredth."""
    bounded: Array = np.round(np.clip(std, *STD_BOUNDS), 2)
    return bounded


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
