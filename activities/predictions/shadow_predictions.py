"""Phase 5, beside the day: challengers in shadow predict what their champions predict, and nobody bets on it.

A shadow that can't be loaded or breaks the contract is a warning with its reason; the day owes it nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.windows import shaped
from activities.predictions.champions import shadow_rows
from activities.predictions.distribution import probability_over
from activities.predictions.prediction_chunk import declared_inputs, feature_matrix, predictable
from activities.predictions.systems import SYSTEMS, System, Workshop
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import TipoffError

COLUMNS = {
    "game_date": "datetime64[us]", "model_id": "str", "game_id": "str", "player_id": "int64",
    "player_name": "str", "system_id": "str", "tip_time": "datetime64[us, UTC]",
    "predicted_points": "float64", "predicted_mean": "float64", "predicted_std": "float64",
    "points_line": "float64", "raw_prob_over": "float64", "contributions": "object",
    "as_of": "datetime64[us, UTC]", "created_at": "datetime64[us, UTC]",
}  # fmt: skip


def ready_shadows(workshop: Workshop) -> tuple[list[System], list[str]]:
    """The shadows of the day, loaded and checked as a champion is, and why others could not be."""
    systems: list[System] = []
    warnings: list[str] = []
    for spec in SYSTEMS:
        if spec.load is None:
            continue
        shadows = shadow_rows(workshop.registered, workshop.decisions, spec.system_id, workshop.game_date)
        for _, model in shadows.iterrows():
            try:
                systems.append(spec.load(workshop, model))
            except TipoffError as error:
                warnings.append(f"shadow {model['model_id']}: {type(error).__name__}: {error}")
    return systems, warnings


def _open(frames: Frames, now: pd.Timestamp) -> pd.DataFrame:
    """The predictable players whose game has not begun."""
    players = predictable(frames["features"], frames["upcoming_players"])
    begun = players["tip_time"].notna() & (pd.to_datetime(players["tip_time"], utc=True) <= now)
    return players.loc[~begun.to_numpy(dtype=bool)].reset_index(drop=True)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per predictable player and shadow. A game that has begun keeps the rows it had."""
    now = pd.Timestamp(context.now)
    current = frames["current"]
    begun_rows = current.loc[(current["tip_time"] <= now).to_numpy(dtype=bool)]
    workshop = Workshop(context.game_date, context.models, frames["models"], frames["decisions"])
    systems, warnings = ready_shadows(workshop)
    # Most days have no shadow, and then nobody is to be predicted.
    players = _open(frames, now) if systems else pd.DataFrame()
    parts = [begun_rows[list(COLUMNS)]] if len(begun_rows) else []
    if len(players):
        inputs = feature_matrix(players).join(declared_inputs(players, frames))
        # The market is hidden: a shadow of a system that uses the line does not exist yet.
        inputs = inputs.assign(market_points=np.nan)
        for done, system in enumerate(systems):
            progress(done, len(systems), str(system.model_id))
            own = system.predict(inputs, {})
            mean, std = (own[name].to_numpy(dtype=np.float64) for name in ("predicted_mean", "predicted_std"))
            line = players["points_line"].to_numpy(dtype=np.float64)
            made = players.join(own).assign(
                model_id=system.model_id,
                system_id=system.system_id,
                raw_prob_over=np.round(probability_over(mean, std, line), 4),
                as_of=pd.Timestamp(context.as_of),
                created_at=now,
            )
            parts.append(made[list(COLUMNS)])
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    rows = shaped(rows.sort_values(["model_id", "game_id", "player_id"], ignore_index=True), COLUMNS)
    facts = {"shadows": len(systems), "players": len(players)}
    return Output(rows, (context.game_date,), tuple(warnings), facts)
