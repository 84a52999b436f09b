"""Box-score formulas, each with its unit and source. Pure functions on columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.windows import Array, ratio

FREE_THROW_WEIGHT = 0.44
"""Share of free throws that end a possession; the league-wide estimate of Oliver and Hollinger."""

REGULATION_MINUTES = 48
OVERTIME_MINUTES = 5


def round_half_up(minutes: pd.Series) -> pd.Series:
    """Whole minutes; a half goes up (29.5 → 30), as the sources that give whole minutes do it."""
    return pd.Series(np.floor(minutes.to_numpy(dtype=np.float64) + 0.5).astype(np.int64), index=minutes.index)


def possessions(fga: pd.Series, fta: pd.Series, turnovers: pd.Series, oreb: pd.Series) -> pd.Series:
    """A team's possessions: FGA + 0.44 FTA + TOV - OREB (Oliver, Basketball on Paper)."""
    return fga + FREE_THROW_WEIGHT * fta + turnovers - oreb


def overtime_periods(player_minutes: pd.Series) -> pd.Series:
    """Overtimes from the sum of a team's player minutes: 240 is none, 25 more for each.

    Rounded, for the sum of whole minutes is a few off; never negative, for an incomplete box score
    has fewer. The old system cut instead of rounding, so 264 of 265 minutes was no overtime.
    """
    extra = (player_minutes.to_numpy(dtype=np.float64) - 240.0) / 25.0
    whole = np.maximum(np.floor(extra + 0.5), 0).astype(np.int64)
    return pd.Series(whole, index=player_minutes.index)


def game_overtimes(teams: pd.DataFrame) -> pd.Series:
    """Overtimes per team row: the more of its game's two teams, as one may lack players."""
    own = overtime_periods(teams["player_minutes"])
    return own.groupby([teams["game_date"], teams["game_id"]], sort=False).transform("max")


def game_minutes(overtimes: pd.Series) -> pd.Series:
    """Length of a game in minutes: 48, and 5 for each overtime."""
    return REGULATION_MINUTES + OVERTIME_MINUTES * overtimes


def true_shooting(points: pd.Series, fga: pd.Series, fta: pd.Series) -> Array:
    """Points per two true attempts: points / (2 (FGA + 0.44 FTA)); NaN without attempts."""
    return ratio(points.to_numpy(), 2.0 * (fga + FREE_THROW_WEIGHT * fta).to_numpy())


def with_opponents(teams: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Team rows beside their opponents' (`opponent_<column>`), and the games that lack one.

    A game with one team only says nothing of a result or a defence; it is left out and named.
    """
    keys = ["game_date", "game_id"]
    rows = teams.assign(overtime_periods=game_overtimes(teams))
    stats = ["points", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "turnovers"]
    other = rows[[*keys, "team_abbr", *stats]].rename(
        columns={"team_abbr": "opponent_abbr", **{name: f"opponent_{name}" for name in stats}}
    )
    both = rows.merge(other, on=[*keys, "opponent_abbr"], how="left", sort=False, validate="1:1")
    alone = both["opponent_points"].isna()
    missing = sorted(both.loc[alone, "game_id"].unique())
    both = both.loc[~alone].reset_index(drop=True)
    return both.astype({f"opponent_{name}": "int64" for name in stats}), missing
