"""Made-up training rows, and a small model trained on them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from activities.training.train import TrainedModel, fit_rows
from shared.features import FEATURES
from shared.inputs import MODEL_INPUT_NAMES


def training_rows(count: int = 1_200, through: date = date(2025, 11, 4), seed: int = 7) -> pd.DataFrame:
    """Rows in which points follow the averages, 20 players a date."""
    random = np.random.default_rng(seed)
    level = random.uniform(4, 30, count)
    rows = pd.DataFrame({spec.name: np.full(count, spec.default) for spec in FEATURES})
    for name in ("points_avg_last_5", "points_avg_last_10", "points_avg_season"):
        rows[name] = np.round(level + random.normal(0, 1, count), 3)
    for name in MODEL_INPUT_NAMES:
        rows[name] = np.round(level + random.normal(0, 1, count), 3) if name == "points_ewma" else 20.0
    days = pd.Timestamp(through) - pd.to_timedelta(np.arange(count) // 20, unit="D")
    head = pd.DataFrame(
        {
            "player_id": np.arange(count) % 20 + 1,
            "game_id": [f"{day:%Y%m%d}_LAC_PHX" for day in days],
            "game_date": days.astype("datetime64[us]"),
            "points": np.maximum(0, np.round(level + random.normal(0, 5, count))).astype("int64"),
            "minutes_played": 30,
        }
    )
    rows = pd.concat([head, rows], axis=1)
    return rows.sort_values(["game_date", "player_id"], ignore_index=True)


def trained(models: Path, through: date = date(2025, 11, 4), **changes: object) -> TrainedModel:
    rows = training_rows(through=through)
    rows = rows.assign(**changes) if changes else rows
    return fit_rows(
        rows, trained_through=through, models=models, code_version="test", progress=lambda *_: None
    )
