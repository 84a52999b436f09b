"""On which team a player is, as far as it is known: what tells two players of one name apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from activities.processor import Frames


def latest_teams(box_scores: pd.DataFrame) -> dict[int, str]:
    """Each player's team in his latest game of these rows (game_date, player_id, team_abbr)."""
    if box_scores.empty:
        return {}
    # A table of games comes by date: to find that out takes a tenth of sorting it.
    by_date = box_scores["game_date"].is_monotonic_increasing
    ordered = box_scores if by_date else box_scores.sort_values("game_date", kind="stable")
    latest = ordered.drop_duplicates("player_id", keep="last")
    return {int(p): str(t) for p, t in zip(latest["player_id"], latest["team_abbr"], strict=True)}


def teams_before(frames: Frames, scope: Sequence[date]) -> dict[int, str]:
    """Each player's team before the dates whose games are brought in: of his latest game, or registration.

    The games of the scope are left out, so that a run that finds them stored says what the first one said.
    Frames: `players` (the registry), `team_games` (game_date, player_id, team_abbr).
    """
    games = frames["team_games"]
    before = games.loc[~games["game_date"].isin(pd.to_datetime(list(scope))).to_numpy(dtype=bool)]
    players = frames["players"]
    registered = players.loc[players["team_abbr"].notna().to_numpy(dtype=bool)]
    return latest_teams(registered.assign(game_date=registered["registered_on"])) | latest_teams(before)
