"""The games around the day, as the schedule showed them that morning."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.schedule import AHEAD, BACK, read_schedule, with_nba_ids
from shared.clock import season_of


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.schedule`: D-8 to D+7, under the date of the snapshot."""
    day = context.game_date
    rows = [
        {
            "snapshot_date": day,
            "game_id": game.key,
            "nba_game_id": game.nba_game_id or None,
            "game_date": game.game_date,
            "season": season_of(game.game_date),
            "away_team_abbr": game.away,
            "home_team_abbr": game.home,
            "tip_time": game.tip,
            "tip_assumed": game.tip_assumed,
            "game_status": game.status,
            "is_postponed": game.postponed,
            "season_type": game.season_type,
            "home_score": game.home_score,
            "away_score": game.away_score,
        }
        for game in with_nba_ids(
            read_schedule(frames["responses"], context.objects), frames["earlier_schedule"]
        )
        if day - BACK <= game.game_date <= day + AHEAD
    ]
    frame = pd.DataFrame(rows)
    for column in ("home_score", "away_score"):
        if len(frame):
            frame[column] = frame[column].astype("Int64")
    today = sum(row["game_date"] == day and not row["is_postponed"] for row in rows)
    return Output(frame, (day,), facts={"games": today})
