"""One row per team and game, with what the completeness rule says of it."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.assembly import assemble, stored_boxes
from activities.raw.resolution import Registry
from activities.raw.teams import teams_before


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.team_box_scores` for the dates of the scope."""
    registry = Registry(frames["players"], teams_before(frames, context.dates))
    rows = []
    for game, versions in stored_boxes(frames["responses"], context.objects):
        teams = assemble(game, versions, registry, context.game_date)
        rows += [team.team_row() for team in teams]
    incomplete = sum(not row["is_complete"] for row in rows)
    return Output(
        pd.DataFrame(rows), context.dates, facts={"team_games": len(rows), "incomplete": incomplete}
    )
