"""Who belongs to which team this morning."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from activities.processor import Frames, ObjectStore, Output, ProcessorContext, Progress
from activities.raw.resolution import Registry
from activities.raw.teams import teams_before
from activities.scrape.log import stored
from activities.scrape.sources import espn
from shared.ids import player_lookup


@dataclass(frozen=True)
class Listed:
    """A name on a team's roster. `not_of`: the teams whose roster has another man of the name."""

    team: str
    name: str
    not_of: frozenset[str]


def listed(responses: pd.DataFrame, objects: ObjectStore) -> list[Listed]:
    """Every name on the stored rosters, in their order.

    A name on two of them is one man under way from one team to the other, or two men: ESPN's ids tell.
    """
    found = [
        (str(row["request"]).split("/")[1], athlete)
        for row, body in stored(responses, objects, "roster/")
        if row["status"] == "ok"
        for athlete in espn.parse_roster(body)
    ]
    of_name: dict[str, list[tuple[str, str]]] = {}
    for team, athlete in found:
        of_name.setdefault(player_lookup(athlete.name), []).append((team, athlete.id))
    return [
        Listed(
            team, athlete.name,
            frozenset(t for t, i in of_name[player_lookup(athlete.name)] if t != team and i != athlete.id),
        )
        for team, athlete in found
    ]  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.rosters`, one per team and player."""
    registry = Registry(frames["players"], teams_before(frames, context.dates))
    rows: dict[tuple[str, int], dict[str, object]] = {}
    warnings = []
    for entry in listed(frames["responses"], context.objects):
        found = registry.find(entry.name, teams=(entry.team,), not_of=entry.not_of)
        if found is None:
            warnings.append(f"unresolved player {entry.name!r} on the roster of {entry.team}")
            continue
        rows[entry.team, found.player.player_id] = {
            "roster_date": context.game_date,
            "team_abbr": entry.team,
            "player_id": found.player.player_id,
            "player_lookup": found.player.lookup,
            "player_name": found.player.name,
            "source": espn.SOURCE,
            "resolution": found.how,
        }
    return Output(pd.DataFrame(list(rows.values())), (context.game_date,), tuple(warnings))
