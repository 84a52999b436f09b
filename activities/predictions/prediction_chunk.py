"""Phase 5, one chunk of players: every system on every player, staged for the consolidation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from activities.predictions.calibration import Calibration, prior
from activities.predictions.distribution import probability_over, quantiles
from activities.predictions.lines import NO_QUOTE, Quote, quotes
from activities.predictions.recommend import advise
from activities.predictions.systems import SYSTEMS, System, Workshop
from activities.predictions.systems.base import column
from activities.predictions.table import shaped_or_empty
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, check_contract, check_vector
from shared.ids import prediction_id
from shared.inputs import INPUT_NAMES, ZONE_INPUTS

_FROM_FEATURES = [
    "game_id", "player_id", "features", "feature_names", "feature_version", "feature_quality_score",
]  # fmt: skip


_OF_THE_PLAYER = (
    "game_date", "game_id", "player_id", "player_lookup", "player_name", "team_abbr", "opponent_abbr",
    "is_home", "tip_time", "feature_version", "feature_quality_score", "points_line", "books",
)  # fmt: skip
_OF_THE_SYSTEM = (
    "predicted_points", "predicted_mean", "predicted_std", "confidence_score", "contributions",
)  # fmt: skip


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


def declared_inputs(players: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """The inputs of `shared.inputs` beside the features, from the morning's precomputed tables."""
    cache = frames["player_cache"].assign(game_date=frames["player_cache"]["cache_date"])
    defense = frames["defense_zones"][["team_abbr", *(spec.name for spec in ZONE_INPUTS)]]
    rows = (
        players[["player_id", "game_date", "opponent_abbr"]]
        .merge(cache, on=["player_id", "game_date"], how="left", validate="m:1")
        .merge(
            defense.rename(columns={"team_abbr": "opponent_abbr"}),
            on="opponent_abbr", how="left", validate="m:1",
        )
        .merge(frames["similar"], on=["player_id", "game_date"], how="left", validate="m:1")
    )  # fmt: skip
    age = pd.to_datetime(rows["game_date"]) - pd.to_datetime(rows["last_game_date"])
    rows = rows.assign(days_since_last_game=age.dt.days)
    return rows[list(INPUT_NAMES)].astype("float64").set_axis(players.index)


@dataclass(frozen=True)
class Market:
    """What the books say about the players of a chunk, aligned with them."""

    quotes: list[Quote]
    line: np.ndarray[Any, np.dtype[Any]]
    over: np.ndarray[Any, np.dtype[Any]]
    """P(over) without the margin; NaN where no book prices both sides of the line."""
    points: np.ndarray[Any, np.dtype[Any]]
    prices: Mapping[str, object]
    """The columns of a prediction that are the quotes' own: the same for every system."""


def market_of(players: pd.DataFrame, offers: dict[tuple[str, int], Quote]) -> Market:
    """The market's figures of each player."""
    found = [
        offers.get((str(game), int(player)), NO_QUOTE)
        for game, player in zip(players["game_id"], players["player_id"], strict=True)
    ]
    line = players["points_line"].to_numpy(dtype=np.float64)
    over = np.array([np.nan if q.market_over is None else q.market_over for q in found], dtype=np.float64)
    even = np.array([np.nan if q.market_points is None else q.market_points for q in found], dtype=np.float64)
    prices = {
        "over_price": np.array([np.nan if q.over_price is None else q.over_price for q in found]),
        "under_price": np.array([np.nan if q.under_price is None else q.under_price for q in found]),
        "line_last_update": pd.to_datetime([q.last_update for q in found], utc=True),
    }
    return Market(found, line, over, np.where(np.isfinite(even), even, line), prices)


def calibrations(rows: pd.DataFrame) -> dict[str, Calibration]:
    """Each system's calibration of the day, by its id."""
    return {
        str(row.system_id): Calibration(float(row.slope), float(row.intercept), int(row.graded_rows))
        for row in rows.itertuples()
    }


def ensemble_weights(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The ensemble's weights of the day; empty where none were fitted."""
    texts = rows["weights"].dropna() if len(rows) else []
    return {name: dict(values) for text in texts for name, values in json.loads(text).items()}


def _calibration_text(calibration: Calibration, through: object) -> str:
    if not calibration.rows:
        return f"nothing graded yet: {calibration.slope:.2f} of the distance from the market is kept"
    return (
        f"{calibration.rows:,} graded through {through}: slope {calibration.slope:.3f}, "
        f"intercept {calibration.intercept:+.3f}"
    )


def system_rows(
    system: System,
    players: pd.DataFrame,
    own: pd.DataFrame,
    market: Market,
    calibration: Calibration,
    context: ProcessorContext,
    through: object = None,
) -> pd.DataFrame:
    """One system's predictions of these players, in the table's columns."""
    mean, std = (own[name].to_numpy(dtype=np.float64) for name in ("predicted_mean", "predicted_std"))
    raw = probability_over(mean, std, market.line)
    over = calibration.apply(raw, market.over)
    gap = own["predicted_mean"] - own["predicted_points"]
    lined = np.isfinite(market.line)
    advice = [
        advise(float(line) if has else None, float(p) if has else None, quote, float(quality))
        for line, has, p, quote, quality in zip(
            market.line, lined, over, market.quotes, players["feature_quality_score"], strict=True
        )
    ]
    columns = {
        **{name: players[name] for name in _OF_THE_PLAYER},
        **{name: own[name] for name in _OF_THE_SYSTEM},
        **market.prices,
        "quantiles": list(quantiles(mean, std)),
        "raw_prob_over": np.round(raw, 4),
        "market_prob_over": np.round(market.over, 4),
        "market_mean": np.round(market.points + gap.to_numpy(dtype=np.float64), 2),
        "prob_over": over,
        "calibration": np.where(lined, _calibration_text(calibration, through), None),
        "prediction_id": [
            prediction_id(str(game), int(player), system.system_id, float(line) if has else None)
            for game, player, line, has in zip(
                players["game_id"], players["player_id"], market.line, lined, strict=True
            )
        ],
        "has_prop_line": lined,
        "line_source": np.where(lined, "actual_prop", "estimated"),
        "estimated_line": np.where(lined, np.nan, np.floor(column(players, "points_ewma")) + 0.5),
        "sportsbook": [a.sportsbook for a in advice],
        "recommendation": [a.recommendation for a in advice],
        "reason": [f"{a.reason} ({basis})" for a, basis in zip(advice, own["basis"], strict=True)],
        "system_id": system.system_id,
        "model_id": system.model_id,
        "is_active": True,
        "superseded_by": None,
        "as_of": pd.Timestamp(context.as_of),
        "created_at": pd.Timestamp(context.now),
    }
    return pd.DataFrame(columns, index=players.index)


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
        facts = {"players": 0, "systems": len(SYSTEMS)}
        return Output(shaped_or_empty(players), (context.game_date,), facts=facts)
    declared = declared_inputs(players, frames)
    market = market_of(players, quotes(frames["props"], players))
    inputs = feature_matrix(players).join(declared).assign(market_points=market.points)
    fitted = calibrations(frames["calibration"])
    dates = frames["calibration"].set_index("system_id")["graded_through"].to_dict()
    workshop = Workshop(
        context.game_date, context.models, frames["models"], frames["decisions"],
        ensemble_weights(frames["calibration"]),
    )  # fmt: skip
    described = players.join(declared[["points_ewma"]])
    forecasts: dict[str, pd.DataFrame] = {}
    systems: list[System] = []
    for done, spec in enumerate(SYSTEMS):
        progress(done, len(SYSTEMS), spec.system_id)
        system = spec.ready(workshop)
        forecasts[spec.system_id] = system.predict(inputs, forecasts)
        systems.append(system)
    parts = [
        system_rows(
            system, described, forecasts[spec.system_id], market,
            fitted.get(system.system_id, prior(uses_line=spec.uses_line)), context,
            dates.get(system.system_id),
        )
        for spec, system in zip(SYSTEMS, systems, strict=True)
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True).sort_values(["player_id", "game_id", "system_id"])
    rows = shaped_or_empty(rows)
    progress(len(SYSTEMS), len(SYSTEMS))
    recommended = rows["recommendation"].isin(["OVER", "UNDER"])
    facts = {
        "players": len(players),
        "with_line": int(players["points_line"].notna().sum()),
        "systems": len(SYSTEMS),
        "recommended": int(recommended.sum()),
    }
    return Output(rows, (context.game_date,), facts=facts)
