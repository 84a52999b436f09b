"""Phase 4, `ml_feature_store_v2`: the feature vectors that predictions read."""

from __future__ import annotations

import pandas as pd

from activities.analytics.windows import shaped
from activities.precompute.partial_games import partial_games
from activities.precompute.vectors import (
    feature_vectors,
    insufficient_reasons,
    morning_context,
    quality_scores,
    quality_tier,
)
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_COUNT, FEATURE_NAMES, FEATURE_VERSION, check_contract, check_vector

COLUMNS = {
    "game_date": "datetime64[us]", "player_id": "int64", "player_lookup": "str", "game_id": "str",
    "team_abbr": "str", "opponent_abbr": "str", "is_home": "bool", "features": "object",
    "feature_names": "object", "feature_sources": "object", "feature_count": "int64",
    "feature_version": "str", "feature_quality_score": "float64", "quality_tier": "str",
    "early_season": "bool", "games_in_sample": "int64", "insufficient_data_reason": "object",
    "as_of": "datetime64[us, UTC]", "partial_games": "object",
}  # fmt: skip

EARLY_SEASON_GAMES = 10


def check_rows(rows: pd.DataFrame) -> None:
    """Check every vector before it is written.

    Raises:
        FeatureContractViolation: names the player, the game and the feature. No row is dropped or
            repaired: a producer that breaks its range would do so for others unseen.
    """
    for row in rows.itertuples():
        try:
            check_vector(row.feature_names, row.features, row.feature_version)
            if len(row.feature_sources) != FEATURE_COUNT:
                raise FeatureContractViolation(f"{len(row.feature_sources)} feature sources")
        except FeatureContractViolation as violation:
            raise FeatureContractViolation(
                f"{row.player_lookup} in {row.game_id}: {violation}"
            ) from violation


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per eligible player; why the others have none is in the upcoming player context.

    Raises:
        FeatureContractViolation: the contract in force is not the frozen one, or a vector breaks it.
    """
    check_contract()
    players = frames["upcoming_players"]
    players = players.loc[players["eligible"].to_numpy(dtype=bool)].sort_values("player_id")
    mornings = morning_context(
        players.reset_index(drop=True),
        frames["upcoming_teams"],
        frames["player_cache"],
        frames["shot_zones"],
        frames["defense_zones"],
    ).merge(frames["composite"], on=["player_id", "game_date"], how="left", validate="1:1")
    uncounted = mornings.loc[mornings["fatigue_score"].isna(), "player_lookup"]
    if len(uncounted):
        raise FeatureContractViolation(
            f"{len(uncounted)} players have no composite factors: {', '.join(uncounted[:5])}"
        )
    values, sources = feature_vectors(mornings)
    scores = quality_scores(sources)
    rows = mornings.assign(
        features=list(values.to_numpy()),
        feature_names=[list(FEATURE_NAMES) for _ in range(len(values))],
        feature_sources=sources.to_numpy().tolist(),
        feature_count=FEATURE_COUNT,
        feature_version=FEATURE_VERSION,
        feature_quality_score=scores,
        quality_tier=[quality_tier(float(score)) for score in scores],
        early_season=mornings["games_played_season"] < EARLY_SEASON_GAMES,
        games_in_sample=mornings["games_in_sample"].fillna(0),
        insufficient_data_reason=insufficient_reasons(mornings),
        as_of=pd.Timestamp(context.as_of),
        partial_games=partial_games(mornings, frames["recent_team_boxes"], frames["schedule"]),
    )
    rows = shaped(rows, COLUMNS)
    check_rows(rows)
    progress(len(rows), len(rows))
    facts = {
        "players": len(rows),
        "insufficient": int(rows["insufficient_data_reason"].notna().sum()),
        "on_partial_games": int(rows["partial_games"].map(bool).sum()),
        "mean_quality": round(float(scores.mean()), 2) if len(rows) else 0.0,
        **{tier: int((rows["quality_tier"] == tier).sum()) for tier in ("gold", "silver")},
    }
    return Output(rows, (context.game_date,), facts=facts)
