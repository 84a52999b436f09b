"""A slate written by hand: New York at Boston, who is on it and what the books say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd

D = date(2024, 12, 20)
GAME = "20241220_NYK_BOS"


def hand_schedule(**changes: object) -> pd.DataFrame:
    """The game, as changed, and one of the day before."""
    row = {
        "snapshot_date": pd.Timestamp(D), "game_id": GAME, "nba_game_id": None, "game_date": pd.Timestamp(D),
        "season": "2024-25", "away_team_abbr": "NYK", "home_team_abbr": "BOS",
        "tip_time": pd.Timestamp(datetime(2024, 12, 21, tzinfo=UTC)), "tip_assumed": False, "game_status": 1,
        "is_postponed": False, "season_type": "regular", "home_score": None, "away_score": None,
    }  # fmt: skip
    yesterday = {**row, "game_id": "20241219_MIA_BOS", "game_date": pd.Timestamp(D - timedelta(days=1))}
    return pd.DataFrame([yesterday, {**row, **changes}])


def hand_props(
    *lines: tuple[int, str, float, bool], game: str = GAME, team: str | None = None
) -> pd.DataFrame:
    """Main lines by (player, book, line, whether a fantasy operator's)."""
    rows = [
        {"game_date": pd.Timestamp(D), "game_id": game, "player_id": player,
         "player_lookup": f"player{player}", "player_name": f"Player {player}", "team_abbr": team,
         "bookmaker": book, "points_line": line, "over_price": 1.9, "under_price": 1.9, "is_main": True,
         "is_dfs": dfs, "last_update": pd.Timestamp(D, tz="UTC")}
        for player, book, line, dfs in lines
    ]  # fmt: skip
    return pd.DataFrame(rows)


def hand_roster(*members: tuple[int, str]) -> pd.DataFrame:
    """A roster by (player, team)."""
    return pd.DataFrame([
        {"roster_date": pd.Timestamp(D), "team_abbr": team, "player_id": player,
         "player_lookup": f"player{player}", "player_name": f"Player {player}",
         "source": "espn", "resolution": "id"}
        for player, team in members
    ])  # fmt: skip
