"""Phase 5, one chunk of players: every system on every player, staged for the consolidation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.windows import shaped
from activities.predictions.lines import NO_QUOTE, Quote, quotes
from activities.predictions.recommend import advise, probability_over, shrunk
from activities.predictions.systems import SYSTEMS, System, Workshop
from activities.predictions.table import COLUMNS
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, check_contract, check_vector
from shared.ids import prediction_id

_FROM_FEATURES = [
    "game_id", "player_id", "features", "feature_names", "feature_version", "feature_quality_score",
]  # fmt: skip


def predictable(features: pd.DataFrame, upcoming: pd.DataFrame) -> pd.DataFrame:
    """The eligible players with a sufficient feature vector, by player: who is predicted today.

    Who is left out, and why, is the business of `withheld_players`.
    """
    eligible = upcoming.loc[upcoming["eligible"].to_numpy(dtype=bool)]
    sufficient = features.loc[features["insufficient_data_reason"].isna().to_numpy(dtype=bool)]
    rows = eligible.merge(
        sufficient[_FROM_FEATURES], on=["game_id", "player_id"], how="inner", validate="1:1"
    )
    return rows.sort_values(["player_id", "game_id"], ignore_index=True)


def count_chunks(features: pd.DataFrame, upcoming_players: pd.DataFrame, chunk_size: int) -> tuple[int, int]:
    """(chunks, players) of the day: what the workflow fans out over."""
    players = len(predictable(features, upcoming_players))
    return -(-players // chunk_size), players


def feature_matrix(players: pd.DataFrame) -> pd.DataFrame:
    """The checked vectors of these players, a column per feature.

    Raises:
        FeatureContractViolation: a vector is of another version, or breaks the contract; names the player,
            and both versions where they differ. Or the contract in force is not the frozen one.
    """
    check_contract()
    for row in players.itertuples():
        try:
            check_vector(list(row.feature_names), list(row.features), row.feature_version)
        except FeatureContractViolation as violation:
            raise FeatureContractViolation(
                f"{row.player_lookup} in {row.game_id}: {violation}; run phase precompute again"
            ) from violation
    values = np.array([list(v) for v in players["features"]], dtype=np.float64)
    return pd.DataFrame(
        values.reshape(len(players), len(FEATURE_NAMES)), columns=list(FEATURE_NAMES), index=players.index
    )


def _judged(row: pd.Series, system_id: str, quote: Quote) -> dict[str, object]:
    """What depends on the line: probability, price, recommendation, id."""
    line = None if pd.isna(row["points_line"]) else float(row["points_line"])
    prob = None
    if line is not None:
        own = probability_over(float(row["predicted_points"]), float(row["predicted_std"]), line)
        prob = shrunk(own, quote.market_over)
    advice = advise(line, prob, quote, float(row["feature_quality_score"]))
    return {
        "prediction_id": prediction_id(str(row["game_id"]), int(row["player_id"]), system_id, line),
        "prob_over": np.nan if prob is None else prob,
        "has_prop_line": line is not None,
        "line_source": "no_prop_line" if line is None else "actual_prop",
        "sportsbook": advice.sportsbook,
        "over_price": np.nan if quote.over_price is None else quote.over_price,
        "under_price": np.nan if quote.under_price is None else quote.under_price,
        "line_last_update": pd.NaT if quote.last_update is None else quote.last_update,
        "recommendation": advice.recommendation,
        "reason": f"{advice.reason} ({row['basis']})",
    }


def system_rows(
    system: System,
    players: pd.DataFrame,
    values: pd.DataFrame,
    offers: dict[tuple[str, int], Quote],
    context: ProcessorContext,
) -> pd.DataFrame:
    """One system's predictions of these players, in the table's columns."""
    rows = players.join(system.predict(values))
    judged = [
        _judged(row, system.system_id, offers.get((str(row["game_id"]), int(row["player_id"])), NO_QUOTE))
        for _, row in rows.iterrows()
    ]
    line_part = pd.DataFrame(judged, index=rows.index)
    rows = rows.drop(columns=[c for c in line_part.columns if c in rows.columns]).join(line_part)
    rows["line_last_update"] = pd.to_datetime(rows["line_last_update"], utc=True)
    return rows.assign(
        system_id=system.system_id,
        model_id=system.model_id,
        is_active=True,
        superseded_by=None,
        as_of=pd.Timestamp(context.as_of),
        created_at=pd.Timestamp(context.now),
    )


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player of the chunk and system.

    Raises:
        DataNotReady: a system has no champion for D.
        FeatureContractViolation: a vector or the model is of another contract.
        ModelIntegrityError: the champion's artefact is damaged.
    """
    everyone = predictable(frames["features"], frames["upcoming_players"])
    first = context.chunk * context.chunk_size
    players = everyone.iloc[first : first + context.chunk_size].reset_index(drop=True)
    if players.empty:
        empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
        return Output(empty, (context.game_date,), facts={"players": 0, "systems": len(SYSTEMS)})
    values = feature_matrix(players)
    offers = quotes(frames["props"], players)
    workshop = Workshop(context.game_date, context.models, frames["models"], frames["decisions"])
    parts = []
    for done, spec in enumerate(SYSTEMS):
        progress(done, len(SYSTEMS), spec.system_id)
        system = spec.ready(workshop)
        parts.append(system_rows(system, players, values, offers, context))
    rows = pd.concat(parts, ignore_index=True).sort_values(["player_id", "game_id", "system_id"])
    rows = shaped(rows, COLUMNS)
    progress(len(SYSTEMS), len(SYSTEMS))
    recommended = rows["recommendation"].isin(["OVER", "UNDER"])
    facts = {
        "players": len(players),
        "with_line": int(players["points_line"].notna().sum()),
        "systems": len(SYSTEMS),
        "recommended": int(recommended.sum()),
    }
    return Output(rows, (context.game_date,), facts=facts)
