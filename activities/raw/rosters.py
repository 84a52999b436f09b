"""Who belongs to which team this morning."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.resolution import Registry
from activities.scrape.log import stored
from activities.scrape.sources import espn


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.rosters`, one per team and player."""
    registry = Registry(frames["players"])
    rows: dict[tuple[str, int], dict[str, object]] = {}
    warnings = []
    for entry, body in stored(frames["responses"], context.objects, "roster/"):
        if entry["status"] != "ok":
            continue
        team = str(entry["request"]).split("/")[1]
        for name in espn.parse_roster(body):
            found = registry.find(name)
            if found is None:
                warnings.append(f"unresolved player {name!r} on the roster of {team}")
                continue
            rows[team, found.player.player_id] = {
                "roster_date": context.game_date,
                "team_abbr": team,
                "player_id": found.player.player_id,
                "player_lookup": found.player.lookup,
                "player_name": found.player.name,
                "source": espn.SOURCE,
                "resolution": found.how,
            }
    return Output(pd.DataFrame(list(rows.values())), (context.game_date,), tuple(warnings))
