"""The gate after phase 6, `grading_quality`: whether what was predicted was held against what happened."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Limit, Seen, Skipped, none_of
from activities.quality.gate import run_gate
from activities.quality.properties import absent_from, active_of, wrong_error

RESULTS = "nba_predictions.prediction_results"
RETRIGGER = "tipoff retrigger {day} --phase grading --reason …"


def _ungraded(frames: Frames) -> Seen | Skipped:
    active = active_of(frames["predictions"])
    if active.empty:
        return Skipped("nothing was predicted")
    lost = absent_from(active, frames["results"], ["prediction_id"])
    return none_of(active, lost, ["game_id", "player_id", "system_id"])


def _wrong_errors(frames: Frames) -> Seen | Skipped:
    rows = frames["results"]
    graded = rows.loc[~rows["is_void"].to_numpy(dtype=bool)]
    if graded.empty:
        return Skipped("nothing was graded")
    return none_of(graded, wrong_error(graded), ["game_id", "player_id", "system_id"])


def _without_box_score(frames: Frames) -> Seen | Skipped:
    rows = frames["results"]
    if rows.empty:
        return Skipped("nothing was predicted")
    open_ = (rows["void_reason"] == "no_box_score").to_numpy(dtype=bool)
    return Seen(float(open_.mean()), tuple(sorted(set(rows.loc[open_, "game_id"]))), int(open_.sum()))


CHECKS = (
    Check(
        "every_prediction_is_graded", RESULTS, _ungraded, RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PHASE,
    ),
    Check(
        "errors_are_predicted_less_actual", RESULTS, _wrong_errors, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PHASE,
    ),
    Check(
        "graded_on_a_box_score", RESULTS, _without_box_score,
        "none: graded when the box score is there", warn_if=NONE_MAY, error_if=Limit(">", 0.5),
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The results of the scope."""
    return run_gate(context, frames, CHECKS, name="grading_quality")
