"""Injuries as reported this morning."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.resolution import Registry
from activities.raw.teams import teams_before
from activities.scrape.log import stored
from activities.scrape.sources import balldontlie, espn
from activities.scrape.sources.espn import Injury

STATUSES = {
    "out": "out",
    "injured reserve": "out",
    "suspension": "out",
    "doubtful": "doubtful",
    "questionable": "questionable",
    "day-to-day": "questionable",
    "probable": "probable",
    "available": "available",
    "active": "available",
}
_SEVERITY = ("out", "doubtful", "questionable", "probable", "available")


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.injury_report`; of two reports on one player the graver counts."""
    registry = Registry(frames["players"], teams_before(frames, context.dates))
    rows: dict[int, dict[str, object]] = {}
    warnings = []
    for row, body in stored(frames["responses"], context.objects, "injuries"):
        if row["status"] != "ok":
            continue
        for injury in _parsed(str(row["source"]), body):
            status = STATUSES.get(injury.status.casefold())
            found = registry.find(injury.name, teams=(injury.team or "",))
            if status is None or found is None:
                why = f"status {injury.status!r}" if status is None else "unresolved player"
                warnings.append(f"injury of {injury.name!r} ({injury.team}): {why}")
                continue
            known = rows.get(found.player.player_id)
            if known and _SEVERITY.index(str(known["status"])) <= _SEVERITY.index(status):
                continue
            rows[found.player.player_id] = {
                "report_date": context.game_date,
                "player_id": found.player.player_id,
                "player_name": found.player.name,
                "team_abbr": injury.team,
                "status": status,
                "detail": injury.detail[:500] or None,
                "reported_at": injury.reported_at,
            }
    return Output(pd.DataFrame(list(rows.values())), (context.game_date,), tuple(warnings))


def _parsed(source: str, body: bytes) -> list[Injury]:
    """A stored page of a report, by the source it came from."""
    return espn.parse_injuries(body) if source == espn.SOURCE else balldontlie.parse_injuries(body)[0]
