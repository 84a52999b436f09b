"""The gate after phase 7, `publishing_quality`: the published document against the warehouse, read anew."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from activities.processor import Exports, Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Seen, Skipped, count_of, none_of
from activities.quality.gate import blocked_by, run_gate
from activities.quality.properties import active_of, made_after_tip_off
from activities.quality.stored_documents import said_otherwise

DOCUMENTS = "nba_orchestration.published_documents"
RETRIGGER = "tipoff retrigger {day} --phase publishing --reason …"


def published_equals_stored(exports: Exports, frames: Frames) -> Seen | Skipped:
    """What the newest document says differently from the active predictions and the withheld players."""
    documents = frames["documents"]
    if documents.empty:
        return Skipped("nothing was published")
    row = documents.iloc[0]
    active = active_of(frames["predictions"])
    return count_of(said_otherwise(exports, str(row["path"]), str(row["sha256"]), active, frames["withheld"]))


def blocked_and_published(now: datetime, frames: Frames) -> Seen | Skipped:
    """Active predictions of players whom a gate of the day holds back.

    What was predicted of a game before it began stands, whatever a later run of the day finds.
    """
    active = active_of(frames["predictions"])
    if active.empty:
        return Skipped("nothing was predicted")
    ahead = active["tip_time"].isna() | (active["tip_time"] > pd.Timestamp(now))
    bad = (blocked_by(frames["quality"]).rows(active) & ahead).to_numpy(dtype=bool)
    return Seen(float(bad.sum()), tuple(sorted(set(active.loc[bad, "player_name"].astype(str)))))


def _created_after_tip(frames: Frames) -> Seen | Skipped:
    active = active_of(frames["predictions"])
    if active.empty:
        return Skipped("nothing was predicted")
    return none_of(active, made_after_tip_off(active), ["game_id", "player_id", "system_id"])


def checks_of(exports: Exports, now: datetime) -> tuple[Check, ...]:
    """The gate's checks, for documents in `exports` at an instant of the day's own time."""
    return (
        Check(
            "published_equals_stored", DOCUMENTS, lambda found: published_equals_stored(exports, found),
            RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PHASE,
        ),
        Check(
            "nobody_held_back_is_published", DOCUMENTS, lambda found: blocked_and_published(now, found),
            RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PHASE,
        ),
        Check(
            "created_before_tip_off", "nba_predictions.player_prop_predictions", _created_after_tip,
            "tipoff retrigger {day} --phase predictions --reason …", error_if=NONE_MAY, blocks=Blocks.PHASE,
        ),
    )  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The document as it is stored, and who is in it."""
    checks = checks_of(context.exports, context.now)
    return run_gate(context, frames, checks, name="publishing_quality")
