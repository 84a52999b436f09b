"""The first lines that a day had for each player: what a later look at them has moved from."""

from __future__ import annotations

import pandas as pd

from activities.analytics.consensus import consensus_lines, snapshot_times
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = ("game_date", "game_id", "player_id", "points_line", "books", "snapshot_at")

_KEY = ["game_date", "game_id", "player_id"]


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.player_points_openings`: those that are there, and players seen for the first time.

    The first writer wins: a player's opening is the sportsbooks' consensus of the first snapshot that had
    him, whatever is asked for later that day. Fantasy operators open nothing, for against a sportsbook's
    line theirs is another product and not an earlier price.
    """
    props, kept = frames["props"], frames["openings"]
    books = props.loc[~props["is_dfs"].astype(bool)]
    first = consensus_lines(books, set(books["game_id"])).assign(game_date=pd.Timestamp(context.game_date))
    first["snapshot_at"] = snapshot_times(props, first["game_id"])
    # What is there comes first and so stays.
    parts = [part[list(COLUMNS)] for part in (kept, first) if len(part)]
    rows = pd.concat(parts) if parts else first[list(COLUMNS)]
    rows = rows.drop_duplicates(_KEY).sort_values(_KEY, ignore_index=True)
    progress(len(rows), len(rows))
    return Output(rows, (context.game_date,), facts={"players": len(rows), "new": len(rows) - len(kept)})
