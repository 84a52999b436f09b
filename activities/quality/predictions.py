"""The gate of phase 5, `prediction_quality`: the staged predictions, before they become the current ones."""

from __future__ import annotations

import numpy as np

from activities.predictions.table import ONE_ACTIVE, shaped_or_empty
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Limit, Seen, Skipped, none_of
from activities.quality.gate import run_gate
from activities.quality.properties import (
    ENOUGH_TO_VARY,
    LEAST_SPREAD,
    no_probability,
    of_another_version,
    points_out_of_bounds,
    spread_of_systems,
)

TABLE = "nba_predictions.player_prop_predictions"
RETRIGGER = "tipoff retrigger {day} --phase predictions --reason …"
_NAMED = ["game_id", "player_id", "player_name", "system_id"]
_NOTHING = Skipped("nothing was predicted")


def _not_unique(frames: Frames) -> Seen | Skipped:
    rows = frames["staged"]
    twice = rows.duplicated(ONE_ACTIVE, keep=False) | rows.duplicated(["prediction_id"], keep=False)
    return none_of(rows, twice, _NAMED) if len(rows) else _NOTHING


def _out_of_bounds(frames: Frames) -> Seen | Skipped:
    rows = frames["staged"]
    if rows.empty:
        return _NOTHING
    spread = rows["predicted_std"]
    no_spread = ~((spread > 0) & np.isfinite(spread))
    return none_of(rows, points_out_of_bounds(rows) | no_spread | no_probability(rows), _NAMED)


def _spread(frames: Frames) -> Seen | Skipped:
    spread = spread_of_systems(frames["staged"])
    if spread.empty:
        return Skipped(f"no system has {ENOUGH_TO_VARY} players")
    return Seen(float(spread.min()), tuple(map(str, spread.index[spread < LEAST_SPREAD])))


def _other_versions(frames: Frames) -> Seen | Skipped:
    rows = frames["staged"]
    return none_of(rows, of_another_version(rows), _NAMED) if len(rows) else _NOTHING


def _coverage(frames: Frames) -> Seen | Skipped:
    features, rows = frames["features"], frames["staged"]
    usable = features.loc[features["insufficient_data_reason"].isna().to_numpy(dtype=bool)]
    if usable.empty:
        return Skipped("nobody can be predicted")
    lacking = ~usable["player_id"].isin(rows["player_id"]).to_numpy(dtype=bool)
    names = tuple(sorted(usable.loc[lacking, "player_lookup"].astype(str)))
    return Seen(1 - len(names) / len(usable), names)


CHECKS = (
    Check(
        "one_per_player_system_and_line", TABLE, _not_unique, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "predicted_points_within_bounds", TABLE, _out_of_bounds, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "predicted_points_vary", TABLE, _spread, "tipoff models rollback --reason …",
        error_if=Limit("<", LEAST_SPREAD), blocks=Blocks.PHASE,
    ),
    Check(
        "prediction_feature_version", TABLE, _other_versions,
        "tipoff retrigger {day} --phase precompute --reason …", error_if=NONE_MAY, blocks=Blocks.PHASE,
    ),
    Check(
        "predictions_cover_the_slate", TABLE, _coverage, RETRIGGER,
        warn_if=Limit("<", 0.95), error_if=Limit("<", 0.6), blocks=Blocks.PHASE,
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The rows of all chunks; nothing of them is current yet."""
    staged = shaped_or_empty(context.staged)
    return run_gate(context, {**frames, "staged": staged}, CHECKS, name="prediction_quality")
