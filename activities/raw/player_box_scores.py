"""One row per player who appeared, from the stored box scores."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.assembly import AssembledTeam, assemble, stored_boxes
from activities.raw.resolution import Registry
from activities.raw.teams import teams_before

COMPARED = (
    "team_abbr", "minutes", "points", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "assists",
    "steals", "blocks", "turnovers", "fouls",
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.player_box_scores` for the dates of the scope."""
    registry = Registry(frames["players"], teams_before(frames, context.dates))
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
    changed = changed_players(frames["present"], frame)
    warnings += [f"{game}: rows new or changed since they were first stored: {'; '.join(names)}"
                 for game, names in changed.items()]  # fmt: skip
    facts = {
        "games": len(boxes),
        "players": len(frame),
        "changed": sum(len(names) for names in changed.values()),
    }
    return Output(frame, context.dates, tuple(warnings), facts)


def changed_players(present: pd.DataFrame, frame: pd.DataFrame) -> dict[str, list[str]]:
    """By game, the players whose rows of a date that was stored before are new, changed or gone.

    Args:
        present: the rows that the dates have so far; a date without any is stored for the first time.
        frame: the rows that replace them.
    """
    dates = set(pd.to_datetime(present["game_date"]))
    if not dates or frame.empty:
        return {}
    again = frame.loc[pd.to_datetime(frame["game_date"]).isin(dates).to_numpy(dtype=bool)]
    said = [_said(rows) for rows in (present, again)]
    different = {key for key in said[0].keys() | said[1].keys() if said[0].get(key) != said[1].get(key)}
    names = dict(zip(present["player_id"], present["player_name"], strict=True)) | dict(
        zip(again["player_id"], again["player_name"], strict=True)
    )
    found: dict[str, list[str]] = {}
    for game, player in sorted(different):
        found.setdefault(game, []).append(str(names[player]))
    return found


def _said(rows: pd.DataFrame) -> dict[tuple[str, int], tuple[object, ...]]:
    """What each player's row says, by game and player."""
    keys = zip(rows["game_id"].astype(str), rows["player_id"].astype(int), strict=True)
    return dict(zip(keys, rows[list(COMPARED)].itertuples(index=False, name=None), strict=True))
