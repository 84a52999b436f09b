"""Which of the games behind a player's morning lack players, or have no box score at all.

What was computed from them stands, and is marked: the games are looked for again, and when they are complete
the mornings after are computed from them.
"""

from __future__ import annotations

import pandas as pd

from activities.analytics.mornings import DEFENSE_GAMES, OFFENSE_GAMES

TEAMS_IN_A_GAME = 2


def _by_team(team_boxes: pd.DataFrame, schedule: pd.DataFrame) -> pd.DataFrame:
    """One row per team and past game (team_abbr, game_date, game_id), with its mark; None if it is whole."""
    sides = team_boxes[["game_date", "game_id", "team_abbr"]].assign(mark=None)
    lacking = team_boxes.loc[~team_boxes["is_complete"].to_numpy(dtype=bool)]
    marks = (lacking["game_id"] + " " + lacking["team_abbr"]).groupby(lacking["game_id"]).agg(", ".join)
    sides["mark"] = sides["game_id"].map(marks)
    there = team_boxes.groupby("game_id")["team_abbr"].nunique()
    whole = set(there.index[there.to_numpy() >= TEAMS_IN_A_GAME])
    final = (schedule["game_status"] == 3) & ~schedule["is_postponed"].astype(bool)
    # A snapshot shows the days before its own date, and their games are final by then.
    past = schedule.loc[(final & (schedule["game_date"] < schedule["snapshot_date"])).to_numpy(dtype=bool)]
    lost = past.loc[~past["game_id"].isin(whole).to_numpy(dtype=bool)]
    missing = [
        lost[["game_date", "game_id", side]].set_axis(["game_date", "game_id", "team_abbr"], axis=1)
        for side in ("away_team_abbr", "home_team_abbr")
    ]
    gone = pd.concat(missing, ignore_index=True).assign(mark=lambda rows: rows["game_id"] + " missing")
    known = sides.loc[~sides["game_id"].isin(lost["game_id"]).to_numpy(dtype=bool)]
    return pd.concat([part for part in (known, gone) if len(part)] or [known], ignore_index=True)


def partial_games(players: pd.DataFrame, team_boxes: pd.DataFrame, schedule: pd.DataFrame) -> list[list[str]]:
    """For each player the partial games behind his figures, as `20251106_LAC_PHX PHX`.

    Args:
        players: team_abbr and opponent_abbr of a morning.
        team_boxes: team box scores strictly before it (game_date, game_id, team_abbr, is_complete).
        schedule: the morning's snapshot of the games around it.
    """
    games = _by_team(team_boxes, schedule).sort_values(["team_abbr", "game_date", "game_id"])
    back = games.groupby("team_abbr").cumcount(ascending=False)
    marked = games.assign(back=back).loc[lambda rows: rows["mark"].notna().to_numpy(dtype=bool)]
    own = marked.loc[(marked["back"] < OFFENSE_GAMES).to_numpy(dtype=bool)]
    other = marked.loc[(marked["back"] < DEFENSE_GAMES).to_numpy(dtype=bool)]
    of_team = own.groupby("team_abbr")["mark"].agg(list).to_dict()
    of_opponent = other.groupby("team_abbr")["mark"].agg(list).to_dict()
    return [
        sorted({*of_team.get(team, ()), *of_opponent.get(opponent, ())})
        for team, opponent in zip(players["team_abbr"], players["opponent_abbr"], strict=True)
    ]
