"""Phase 3, `upcoming_team_game_context`: each team on the morning of its game."""

from __future__ import annotations

from datetime import date

import pandas as pd

from activities.analytics.mornings import team_mornings
from activities.analytics.windows import days_of, shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "season": "str", "team_abbr": "str",
    "opponent_abbr": "str", "is_home": "bool", "tip_time": "datetime64[us, UTC]",
    "season_type": "str", "days_rest": "Int64", "is_back_to_back": "bool",
    "games_in_last_7_days": "int64", "games_played_season": "int64", "win_pct_season": "float64",
    "pace_last_10": "float64", "off_rating_last_10": "float64", "def_rating_last_15": "float64",
    "opponent_pace_allowed_last_15": "float64",
}  # fmt: skip


def slate(schedule: pd.DataFrame, day: date) -> pd.DataFrame:
    """The teams that play on a day, two rows a game; a postponed game is none."""
    today = days_of(schedule["game_date"]) == (day - date(1970, 1, 1)).days
    games = schedule.loc[today & ~schedule["is_postponed"].to_numpy(dtype=bool)]
    shared = ["game_date", "game_id", "season", "tip_time", "season_type"]
    home, away = (games[[*shared, "home_team_abbr", "away_team_abbr"]].copy() for _ in range(2))
    home.columns = pd.Index([*shared, "team_abbr", "opponent_abbr"])
    away.columns = pd.Index([*shared, "opponent_abbr", "team_abbr"])
    teams = pd.concat([home.assign(is_home=True), away.assign(is_home=False)], ignore_index=True)
    return teams.sort_values(["game_id", "team_abbr"]).reset_index(drop=True)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per team that plays on D, from games before D only."""
    teams = slate(frames["schedule"], context.game_date)
    known = team_mornings(frames["team_offense"], frames["team_defense"], teams)
    rows = shaped(teams.join(known), COLUMNS)
    progress(len(rows), len(rows))
    new = sorted(rows.loc[rows["pace_last_10"].isna(), "team_abbr"])
    return Output(
        rows,
        (context.game_date,),
        tuple(f"{team}: no game in the past year" for team in new),
        {"games": len(rows) // 2, "teams": len(rows)},
    )
