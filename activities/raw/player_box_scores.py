"""One row per player who appeared, from the stored box scores."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.assembly import AssembledTeam, assemble, stored_boxes
from activities.raw.resolution import Registry


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.player_box_scores` for the dates of the scope."""
    registry = Registry(frames["players"])
    teams: list[AssembledTeam] = []
    boxes = stored_boxes(frames["responses"], context.objects)
    for done, (game, versions) in enumerate(boxes):
        teams += assemble(game, versions, registry, context.game_date)
        progress(done + 1, len(boxes), game.key)
    warnings = [f"{t.game.key}: {t.incomplete_reason}" for t in teams if t.incomplete_reason]
    warnings += [f"{t.game.key}: {t.team} completed from {t.completed_by}" for t in teams if t.completed_by]
    frame = pd.DataFrame([row for t in teams for row in t.player_rows()])
    if len(frame):
        for column in ("plus_minus", "points_in_paint"):
            frame[column] = frame[column].astype("Int64")
        frame["is_starter"] = frame["is_starter"].astype("boolean")
    return Output(frame, context.dates, tuple(warnings), {"games": len(boxes), "players": len(frame)})
