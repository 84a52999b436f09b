"""Phase 3, `player_game_summary`: what a player did in a game."""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.box_math import (
    FREE_THROW_WEIGHT,
    game_minutes,
    game_overtimes,
    round_half_up,
    true_shooting,
)
from activities.analytics.windows import Array, ratio, shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "season": "str", "player_id": "int64",
    "player_lookup": "str", "player_name": "str", "team_abbr": "str", "opponent_abbr": "str",
    "is_home": "bool", "is_win": "boolean", "minutes_played": "int64", "is_starter": "boolean",
    "points": "int64", "fgm": "int64", "fga": "int64", "fg3m": "int64", "fg3a": "int64",
    "ftm": "int64", "fta": "int64", "oreb": "int64", "dreb": "int64", "assists": "int64",
    "steals": "int64", "blocks": "int64", "turnovers": "int64", "fouls": "int64",
    "plus_minus": "Int64", "usage_rate": "float64", "ts_pct": "float64", "efg_pct": "float64",
    "is_team_complete": "bool", "season_type": "object", "points_in_paint": "Int64",
}  # fmt: skip


def usage_rate(rows: pd.DataFrame) -> Array:
    """Percent of his team's plays that he used while on the floor, 0-100.

    100 · (FGA + 0.44 FTA + TOV) · (team minutes / 5) / (MP · (tFGA + 0.44 tFTA + tTOV)), where team
    minutes / 5 is the real length of the game (Oliver; the old system wrote 48 and so was 9 % low
    after an overtime). NaN without minutes, without a complete team row (a total that lacks players
    would make it too high), and above 100, which only the rounding of a minute or two can give.
    """
    plays = rows["fga"] + FREE_THROW_WEIGHT * rows["fta"] + rows["turnovers"]
    team_plays = rows["team_fga"] + FREE_THROW_WEIGHT * rows["team_fta"] + rows["team_turnovers"]
    usage = 100.0 * ratio(
        (plays * rows["game_minutes"]).to_numpy(dtype=np.float64, na_value=np.nan),
        (rows["minutes_played"] * team_plays).to_numpy(dtype=np.float64, na_value=np.nan),
    )
    usable = rows["is_team_complete"].to_numpy(dtype=bool) & (usage <= 100.0)
    return np.where(usable, usage, np.nan)


def _team_totals(teams: pd.DataFrame) -> pd.DataFrame:
    points = teams.groupby(["game_date", "game_id"], sort=False)["points"]
    margin = 2 * teams["points"] - points.transform("sum")
    both = points.transform("size") == 2
    return pd.DataFrame(
        {
            "game_date": teams["game_date"],
            "game_id": teams["game_id"],
            "team_abbr": teams["team_abbr"],
            "team_fga": teams["fga"],
            "team_fta": teams["fta"],
            "team_turnovers": teams["turnovers"],
            "game_minutes": game_minutes(game_overtimes(teams)),
            "is_team_complete": teams["is_complete"].astype(bool),
            "is_win": (margin > 0).astype("boolean").where(both),
        }
    )


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who appeared in a game of the scope; minutes are rounded half up here."""
    players = frames["player_box_scores"]
    rows = players.merge(
        _team_totals(frames["team_box_scores"]),
        on=["game_date", "game_id", "team_abbr"],
        how="left",
        sort=False,
        validate="m:1",
    )
    without_team = rows["is_team_complete"].isna()
    complete = rows["is_team_complete"].astype("boolean").fillna(False).astype(bool)
    rows = rows.assign(
        minutes_played=round_half_up(rows["minutes"]),
        is_team_complete=complete,
        ts_pct=true_shooting(rows["points"], rows["fga"], rows["fta"]),
        efg_pct=ratio((rows["fgm"] + 0.5 * rows["fg3m"]).to_numpy(), rows["fga"].to_numpy()),
    )
    rows["usage_rate"] = usage_rate(rows)
    rows = rows.sort_values(["game_date", "game_id", "player_id"])
    progress(len(rows), len(rows))
    warnings = tuple(
        f"{game}: no team row for some players, so no usage"
        for game in sorted(rows.loc[without_team, "game_id"].unique())
    )
    facts = {
        "players": len(rows),
        "points": int(rows["points"].sum()),
        "without_usage": int(rows["usage_rate"].isna().sum()),
    }
    return Output(shaped(rows, COLUMNS), context.dates, warnings, facts)
