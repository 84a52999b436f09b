"""`similarity_v1`: his average, moved by how he did in circumstances like today's.

    mean = EWMA + margin x n / (n + 20)

margin is what he scored above his average of the time in his n most similar games (opponent's tier, rest,
venue, form; at least 70 of 100, weighted by similarity), drawn to nothing by 20 games' worth of doubt: twenty
games say little about one man. Fewer than 5 similar games say nothing. Inputs: points_ewma and the three
similarity inputs of `shared.inputs`; no line. How games are compared: `activities.precompute.similar_games`.

Source: the old system's similarity_balanced_v1 (original-system.md section 3). It averaged the points of the
similar games themselves, so a player who had grown was predicted by who he had been, and compared with games
that had not been played yet; both are mended here.
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

SYSTEM_ID = "similarity_v1"
DOUBT = 20.0
LEAST = 5


class Similarity:
    """The system; it has no state."""

    system_id = SYSTEM_ID
    model_id: str | None = None

    def predict(self, inputs: pd.DataFrame, _members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """See the module's formula. Confidence rises with the number and the likeness of the games."""
        average = column(inputs, "points_ewma", column(inputs, "points_avg_season"))
        games = column(inputs, "similar_games", 0.0)
        score = column(inputs, "similar_score", 0.0)
        enough = games >= LEAST
        moved = np.where(enough, column(inputs, "similar_margin", 0.0) * games / (games + DOUBT), 0.0)
        mean = average + moved
        likeness = np.where(enough, 0.01 * np.minimum(games, 15.0) + np.clip(score - 70, 0, 30) / 300, -0.1)
        return forecast(
            inputs.index, mean, usual_spread(mean, column(inputs, "points_std_last_10")),
            np.clip(input_confidence(inputs) + likeness, 0.2, 0.9),
            [{"average": a, "similar games": m} for a, m in zip(average, moved, strict=True)],
            [f"average {a:.1f}, {n:.0f} similar games {m:+.1f}"
             for a, n, m in zip(average, games, moved, strict=True)],
        )  # fmt: skip


def _ready(_workshop: Workshop) -> Similarity:
    return Similarity()


SPEC = SystemSpec(SYSTEM_ID, _ready)
