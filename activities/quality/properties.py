"""What must not be of rows, each property once: gates and the validators of past dates ask the same.

Each takes the rows of a table and says which of them are wrong (or finds those that are); whom that holds
back and what a finding is called is the check's. Every limit that both apply stands here.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from activities.predictions.systems.base import POINTS_BOUNDS
from shared.features import FEATURE_VERSION

TEAM_GAME = ["game_id", "team_abbr"]
USAGE_BOUNDS = (0.0, 100.0)

ROUNDED = 0.0051
"""Points: half of the hundredth that errors are rounded to, and a little for the arithmetic."""

ENOUGH_TO_VARY = 30
LEAST_SPREAD = 1.0
"""Points: the standard deviation over a slate below which a system says the same of everyone."""


# ---- of any table


def asked_for(responses: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The rows of the day's log whose request begins so: `schedule/`, `event_odds/`."""
    return responses.loc[responses["request"].str.startswith(prefix).to_numpy(dtype=bool)]


def absent_from(rows: pd.DataFrame, others: pd.DataFrame, key: list[str]) -> pd.Series:
    """Rows whose key no row of the others has."""
    there = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(others[key]))
    return pd.Series(~there, index=rows.index)


def active_of(predictions: pd.DataFrame) -> pd.DataFrame:
    """The active ones."""
    return predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]


def of_another_version(rows: pd.DataFrame) -> pd.Series:
    """Rows made with features of another version than the one in force."""
    return rows["feature_version"] != FEATURE_VERSION


# ---- box scores and their summaries


def final_games(schedule: pd.DataFrame) -> pd.Series:
    """Games that were played to their end."""
    return (schedule["game_status"] == 3) & ~schedule["is_postponed"].astype(bool)


def without_both_teams(games: Iterable[str], teams: pd.DataFrame) -> list[str]:
    """Games of which not exactly two teams have a row, in order."""
    counts = teams.groupby("game_id")["team_abbr"].nunique()
    return [game for game in sorted(set(games)) if counts.get(game, 0) != 2]


def incomplete(teams: pd.DataFrame) -> pd.Series:
    """Team box scores that no source could complete."""
    return ~teams["is_complete"].astype(bool)


def unlike_the_players_sum(teams: pd.DataFrame, players: pd.DataFrame) -> pd.Series:
    """Complete team box scores whose players' points are not the team's."""
    sums = players.groupby(TEAM_GAME)["points"].sum()
    summed = sums.reindex(pd.MultiIndex.from_frame(teams[TEAM_GAME]), fill_value=0).to_numpy()
    return ~incomplete(teams) & (teams["points"] != summed)


def points_unlike_the_shots(players: pd.DataFrame) -> pd.Series:
    """Player rows whose points are not 2·FGM + 3PM + FTM."""
    return 2 * players["fgm"] + players["fg3m"] + players["ftm"] != players["points"]


def twice_on_a_date(players: pd.DataFrame) -> pd.Series:
    """Player rows of which a player has another on the same date."""
    return players.duplicated(["game_date", "player_id"], keep=False)


def impossible_usage(summaries: pd.DataFrame) -> pd.Series:
    """Player-games with a usage outside 0 to 100 percent; one that is not known is none."""
    return summaries["usage_rate"].notna() & ~summaries["usage_rate"].between(*USAGE_BOUNDS)


# ---- predictions and their gradings


def points_out_of_bounds(predictions: pd.DataFrame) -> pd.Series:
    """Predictions of points beyond those that every system's answer is kept within."""
    return ~predictions["predicted_points"].between(*POINTS_BOUNDS)


def no_probability(predictions: pd.DataFrame) -> pd.Series:
    """Predictions with a probability outside 0 to 1; none at all is another matter."""
    return predictions["prob_over"].notna() & ~predictions["prob_over"].between(0.0, 1.0)


def spread_of_systems(predictions: pd.DataFrame) -> pd.Series:
    """By system the standard deviation of what it predicts, points, where it predicts enough players."""
    by_system = predictions.groupby("system_id")["predicted_points"]
    return by_system.std().loc[by_system.size() >= ENOUGH_TO_VARY].sort_index()


def made_after_tip_off(predictions: pd.DataFrame) -> pd.Series:
    """Predictions made, or made of what was known, at or after the tip-off."""
    made = predictions[["as_of", "created_at"]].max(axis=1)
    return predictions["tip_time"].notna() & (made >= predictions["tip_time"])


def wrong_error(gradings: pd.DataFrame) -> pd.Series:
    """Gradings whose error is not the predicted less the actual points; also where one is not known."""
    error = gradings["predicted_points"] - gradings["actual_points"].astype("float64")
    return ~((error - gradings["signed_error"]).abs() <= ROUNDED)
