"""Fatigue, mismatch, pace, usage and rest: the figures of `player_composite_factors`.

Pure functions on aligned columns. The score itself is stored, not an adjustment made of it: the old
system stored the adjustment as the score, and so fatigue lay between -5 and 0 for everyone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.mornings import RECENT_DAYS
from activities.analytics.windows import Array

INJURY_LEVELS = {
    "available": 0.0, "unknown": 0.0, "probable": 1.0, "questionable": 2.0, "doubtful": 3.0,
    "out": 3.0,
}  # fmt: skip

FRESH_DAYS = 3
STAR_MINUTES = 28.0
"""Mean minutes of his last 7 games that make a regular of a player."""


def fatigue_score(context: pd.DataFrame) -> Array:
    """0-100, 100 is fresh.

    From 100: played yesterday -15, else 3 or more days of rest +5; 4 or more games in 7 days -10;
    more than 240 minutes in them -10; more than 35 minutes a game -8; in 14 days two or more
    back-to-backs -12, one -5. Clamped, so rest offsets a load but never exceeds fresh. No term for
    age: the recorded data has no birth dates. No game in 60 days counts as rested.
    """
    rest = context["days_rest"].to_numpy(dtype=np.float64, na_value=np.nan)
    tired = context["is_back_to_back"].to_numpy(dtype=bool)
    rested = ~tired & ~(rest < FRESH_DAYS)
    games = context["games_in_last_7_days"].to_numpy(dtype=np.int64)
    minutes = context["minutes_in_last_7_days"].to_numpy(dtype=np.int64)
    usual = context["avg_minutes_last_7_games"].to_numpy(dtype=np.float64, na_value=np.nan)
    pairs = context["back_to_backs_last_14_days"].to_numpy(dtype=np.int64)
    score = (
        100.0
        - 15.0 * tired
        + 5.0 * rested
        - 10.0 * (games >= 4)
        - 10.0 * (minutes > 240)
        - 8.0 * (usual > 35.0)
        - np.select([pairs >= 2, pairs == 1], [12.0, 5.0], default=0.0)
    )
    return np.clip(score, 0.0, 100.0)


def shot_zone_mismatch(shots: pd.DataFrame, defense: pd.DataFrame) -> Array:
    """How weak the opponent is where the player shoots, percentage points, -10..10; NaN unknown.

    Weakness in his primary zone (paint and mid-range: two-pointers; perimeter: threes; balanced:
    both, by his rates) times min(rate / 50, 1), times 1.2 beyond 5 points.
    """
    two = defense["two_pt_vs_league_avg"].to_numpy(dtype=np.float64)
    three = defense["three_pt_vs_league_avg"].to_numpy(dtype=np.float64)
    two_rate = shots["two_pt_rate"].to_numpy(dtype=np.float64)
    three_rate = shots["three_pt_rate"].to_numpy(dtype=np.float64)
    zone = shots["primary_scoring_zone"].to_numpy(dtype=object)
    raw = np.select(
        [zone == "balanced", zone == "perimeter"],
        [
            (two * two_rate + three * three_rate) / 100.0,
            three * np.minimum(three_rate / 50.0, 1.0),
        ],
        default=two * np.minimum(two_rate / 50.0, 1.0),
    )
    return np.clip(np.where(np.abs(raw) > 5.0, 1.2 * raw, raw), -10.0, 10.0)


def pace_score(opponent_pace: Array, team_pace: Array) -> Array:
    """Half of (pace that the opponent allows less the team's own), possessions per 48, -3..3.

    Half, for a game is played about midway between its two teams. NaN where either is unknown.
    """
    return np.clip((opponent_pace - team_pace) / 2.0, -3.0, 3.0)


def usage_spike_score(season_usage: Array, last_7_usage: Array, stars_out: Array) -> Array:
    """0.3 · (expected usage less that of the last 7 games), percentage points, -3..3; NaN unknown.

    Expected is the season's mean, to which usage returns; where that is a rise, it is 15 % more with
    one regular teammate out and 30 % with two or more.
    """
    change = season_usage - last_7_usage
    boost = np.select([stars_out >= 2, stars_out == 1], [1.30, 1.15], default=1.0)
    return np.clip(0.3 * change * np.where(change > 0, boost, 1.0), -3.0, 3.0)


def star_teammates_out(context: pd.DataFrame) -> Array:
    """Regulars of his team, himself left out, reported out who played in the last 14 days.

    Whoever has been out for longer is in his teammates' recent usage already.
    """
    star_out = (
        (context["injury_status"] == "out")
        & (context["avg_minutes_last_7_games"] >= STAR_MINUTES).fillna(False)
        & (context["games_in_last_14_days"] > 0)
    ).astype("int64")
    team = star_out.groupby([context["game_date"], context["team_abbr"]], sort=False)
    return (team.transform("sum") - star_out).to_numpy(dtype=np.int64)


def rest_advantage(context: pd.DataFrame) -> Array:
    """His days of rest less the opponent's, -2..2; NaN without a game on record.

    Who has not played for 60 days (a player who returns, a team before its first game of the season) has
    rested for 60: as fresh as the one who returns after 59, not unknown.
    """
    own = context["days_rest"].to_numpy(dtype=np.float64, na_value=np.nan)
    other = context["opponent_days_rest"].to_numpy(dtype=np.float64, na_value=np.nan)
    played = context["last_game_date"].notna().to_numpy(dtype=bool)
    own = np.where(np.isnan(own) & played, RECENT_DAYS, np.minimum(own, RECENT_DAYS))
    other = np.where(np.isnan(other), RECENT_DAYS, np.minimum(other, RECENT_DAYS))
    return np.clip(own - other, -2.0, 2.0)


def composite_factors(context: pd.DataFrame) -> pd.DataFrame:
    """All factors, indexed like `context`; NaN where an input is unknown.

    `context` is one row per player and date with the columns of the upcoming player, his cache, his
    shot zones, the opponent's defence and `opponent_days_rest`.
    """
    stars = star_teammates_out(context)
    return pd.DataFrame(
        {
            "fatigue_score": fatigue_score(context),
            "shot_zone_mismatch_score": shot_zone_mismatch(context, context),
            "pace_score": pace_score(
                context["opponent_pace"].to_numpy(dtype=np.float64),
                context["team_pace_last_10"].to_numpy(dtype=np.float64),
            ),
            "usage_spike_score": usage_spike_score(
                context["usage_rate_season"].to_numpy(dtype=np.float64),
                context["usage_rate_last_7_games"].to_numpy(dtype=np.float64),
                stars,
            ),
            "star_teammates_out": stars,
            "rest_advantage": rest_advantage(context),
            "injury_risk": context["injury_status"].map(INJURY_LEVELS).astype("float64"),
            "injury_known": context["injury_status"] != "unknown",
        },
        index=context.index,
    )
