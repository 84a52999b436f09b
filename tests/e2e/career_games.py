"""The outage: a 34th feature, `career_games`, under the same version, without a model that knows it."""

from __future__ import annotations

import pandas as pd

from shared import features

CAREER_GAMES = features.FeatureSpec(
    "career_games", "games of his career", "games", "nba_precompute.player_daily_cache", 0.0, 0, 2_000
)


def append() -> None:
    """Grows the contract of this process. Before anything else imports its names."""
    features.FEATURES = (*features.FEATURES, CAREER_GAMES)
    features.FEATURE_NAMES = (*features.FEATURE_NAMES, CAREER_GAMES.name)
    features.FEATURE_COUNT = len(features.FEATURES)


def produce() -> None:
    """Has phase 4 give the new feature too, as the change that caused the outage did. After `append`."""
    from activities.precompute import ml_feature_store_v2, vectors  # noqa: PLC0415

    vectors.FEATURE_NAMES = features.FEATURE_NAMES[:-1]
    plain = vectors.feature_vectors

    def grown(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        values, sources = plain(rows)
        games = rows["games_in_sample"].fillna(0).astype("float64")
        return values.assign(career_games=games), sources.assign(career_games="computed")

    ml_feature_store_v2.feature_vectors = grown
