"""From a morning's figures to the 33 features, each with where its value came from.

Pure functions over many players and dates at once: the feature store writes one date's, training takes
hundreds of dates' from the very same code.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.mornings import GAMES_FOR_WIN_PCT
from activities.analytics.windows import Array, days_of
from activities.precompute.zones import SHOT_GAMES
from shared.features import FEATURE_NAMES, FEATURES
from shared.inputs import INPUT_NAMES

SOURCE_WEIGHTS = {"computed": 100.0, "proxy": 85.0, "default": 40.0, "unavailable": 40.0}
"""What a feature adds to the quality score, by its source."""

TIERS = ((95.0, "gold"), (75.0, "silver"), (50.0, "bronze"), (25.0, "poor"))

GAMES_NEEDED = 3
"""Fewer games on record are too few for a number anyone should act on."""

AWAY_DAYS = 30
"""Form whose latest game is older stands in for the form of a player who returns."""

STALE_DAYS = 400
"""Form older than this is of another player."""

_DEFAULTS = {spec.name: spec.default for spec in FEATURES}
_FROM_CACHE = ("points_avg_last_5", "points_avg_last_10", "points_std_last_10",
               "minutes_avg_last_10", "ppm_avg_last_10")  # fmt: skip
_FROM_FACTORS = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score",
                 "rest_advantage")  # fmt: skip
_OF_OPPONENT = {"opponent_def_rating": "defensive_rating_last_15", "opponent_pace": "opponent_pace"}
_OF_TEAM = {"team_pace": "team_pace_last_10", "team_off_rating": "team_off_rating_last_10"}


def morning_context(
    players: pd.DataFrame,
    teams: pd.DataFrame,
    cache: pd.DataFrame,
    shots: pd.DataFrame,
    defense: pd.DataFrame,
) -> pd.DataFrame:
    """All a player's figures of a morning in one row, in the order of `players`.

    Args:
        players: upcoming players (player_id, game_date, team_abbr, opponent_abbr, …).
        teams: upcoming teams: the opponent's rest and the team's record come from here.
        cache: player daily cache, dated by cache_date.
        shots: player shot zones, dated by analysis_date.
        defense: team defence zones, dated by analysis_date; the opponent's are taken.
    """
    by_player = ["player_id", "game_date"]
    own = teams[["team_abbr", "game_date", "win_pct_season", "games_played_season"]].rename(
        columns={"games_played_season": "team_games_season"}
    )
    other = teams[["team_abbr", "game_date", "days_rest", "games_played_season"]].rename(
        columns={
            "team_abbr": "opponent_abbr", "days_rest": "opponent_days_rest",
            "games_played_season": "opponent_games_season",
        }
    )  # fmt: skip
    allowed = defense[
        ["team_abbr", "analysis_date", "defensive_rating_last_15", "opponent_pace",
         "two_pt_vs_league_avg", "three_pt_vs_league_avg", "ft_rate_vs_league_avg"]
    ].rename(columns={"team_abbr": "opponent_abbr", "analysis_date": "game_date"})  # fmt: skip
    rows = players.merge(
        cache.drop(columns=["games_played_season"]).rename(columns={"cache_date": "game_date"}),
        on=by_player, how="left", validate="1:1",
    ).merge(
        shots.drop(columns=["games_in_sample"]).rename(columns={"analysis_date": "game_date"}),
        on=by_player, how="left", validate="1:1",
    )  # fmt: skip
    rows = rows.merge(own, on=["team_abbr", "game_date"], how="left", validate="m:1")
    rows = rows.merge(other, on=["opponent_abbr", "game_date"], how="left", validate="m:1")
    return rows.merge(allowed, on=["opponent_abbr", "game_date"], how="left", validate="m:1")


def declared_inputs(rows: pd.DataFrame, similar: pd.DataFrame) -> pd.DataFrame:
    """The inputs of `shared.inputs` beside the features, float64, NaN where unknown; indexed like `rows`.

    Args:
        rows: a morning's context; player_id and game_date are its key.
        similar: `player_similar_games` of the same mornings.
    """
    joined = rows.merge(similar, on=["player_id", "game_date"], how="left", validate="1:1")
    age = pd.to_datetime(joined["game_date"]) - pd.to_datetime(joined["last_game_date"])
    joined = joined.assign(days_since_last_game=age.dt.days)
    return joined[list(INPUT_NAMES)].astype("float64").set_axis(rows.index)


def _floats(column: pd.Series) -> Array:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _either(condition: Array, yes: Array | str, no: str) -> Array:
    """np.where on shared strings: a fixed-width text array of a season would take 100 MB."""
    return np.where(condition, np.asarray(yes, dtype=object), np.asarray(no, dtype=object))


def feature_vectors(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values (float64) and sources of the 33 features, in the contract's order.

    `rows` is a morning's context with the composite factors. An unknown figure (NaN) becomes the
    contract's default and is marked so; a partial sample, form from before an absence, a figure mostly or
    wholly from before the season and what stands in for shot charts are marked as proxies.
    """
    values: dict[str, Array] = {}
    sources: dict[str, Array] = {}
    sample = rows["games_in_sample"].fillna(0).to_numpy(dtype=np.int64)
    preseason = (rows["season_source"] != "season").to_numpy(dtype=bool)
    shot_proxy = (rows["is_proxy"].astype("boolean").fillna(True)).to_numpy(dtype=bool)
    everyone: Array = np.ones(len(rows), dtype=bool)

    def put(
        name: str,
        value: Array,
        proxy: Array | None = None,
        default: Array | float | None = None,
    ) -> None:
        known = np.isfinite(value)
        fallback = _DEFAULTS[name] if default is None else default
        values[name] = np.where(known, value, fallback)
        good = _either(~everyone if proxy is None else proxy, "proxy", "computed")
        sources[name] = _either(known, good, "default")

    age = days_of(rows["game_date"]) - days_of(rows["last_game_date"].fillna(rows["game_date"]))
    away = age > AWAY_DAYS
    # Until then most of a team's last ten games are of the season before.
    team_begins = (rows["team_games_season"] < GAMES_FOR_WIN_PCT).to_numpy(dtype=bool)
    opponent_begins = (rows["opponent_games_season"] < GAMES_FOR_WIN_PCT).to_numpy(dtype=bool)

    for name in _FROM_CACHE:
        put(name, _floats(rows[name]), away | (sample < (5 if name == "points_avg_last_5" else 10)))
    season = _floats(rows["points_avg_season"])
    put("points_avg_season", season, preseason)
    put("recent_trend", _floats(rows["recent_trend"]), away)
    put("minutes_change", _floats(rows["minutes_change"]), away | preseason)
    put("avg_points_vs_opponent", _floats(rows["avg_points_vs_opponent"]),
        default=values["points_avg_season"])  # fmt: skip
    put("games_vs_opponent", _floats(rows["games_vs_opponent"]))
    factor_proxies = {
        "shot_zone_mismatch_score": shot_proxy | away | opponent_begins,
        "pace_score": team_begins | opponent_begins,
        "usage_spike_score": away | preseason,
    }
    for name in _FROM_FACTORS:
        put(name, _floats(rows[name]), factor_proxies.get(name))
    put("injury_risk", _floats(rows["injury_risk"]))
    reported = rows["injury_known"].to_numpy(dtype=bool)
    sources["injury_risk"] = _either(reported, sources["injury_risk"], "unavailable")

    put("games_in_last_7_days", _floats(rows["games_in_last_7_days"]))
    put("home_away", _floats(rows["is_home"].astype("int64")))
    put("back_to_back", _floats(rows["is_back_to_back"].astype("int64")))
    put("playoff_game", _floats((rows["season_type"] == "playoffs").astype("int64")))
    for name in ("pct_paint", "pct_mid_range"):
        put(name, _floats(rows[name]), shot_proxy)
    for name in ("pct_three", "pct_free_throw"):
        put(name, _floats(rows[name]), away | (sample < SHOT_GAMES))
    for name, column in _OF_OPPONENT.items():
        put(name, _floats(rows[column]), opponent_begins)
    for name, column in _OF_TEAM.items():
        put(name, _floats(rows[column]), team_begins)
    put("team_win_pct", _floats(rows["win_pct_season"]))

    line = _floats(rows["points_line"])
    offered = np.isfinite(line)
    without = np.where(np.isfinite(season), season, _DEFAULTS["vegas_points_line"])
    put("vegas_points_line", line, default=without)
    opening = _floats(rows["opening_line"])
    opened = offered & np.isfinite(opening)
    values["vegas_opening_line"] = np.where(opened, opening, values["vegas_points_line"])
    values["vegas_line_move"] = np.where(opened, line - opening, 0.0)
    # Without an earlier snapshot nobody knows the opening; saying so costs quality, inventing one would
    # cost trust.
    for name in ("vegas_opening_line", "vegas_line_move"):
        unopened = _either(offered, "unavailable", "default")
        sources[name] = np.where(opened, np.asarray("computed", dtype=object), unopened)
    put("has_vegas_line", offered.astype(np.float64))
    return (
        pd.DataFrame({n: values[n] for n in FEATURE_NAMES}, index=rows.index, dtype="float64"),
        pd.DataFrame({n: sources[n] for n in FEATURE_NAMES}, index=rows.index, dtype="object"),
    )


def quality_scores(sources: pd.DataFrame) -> Array:
    """Quality 0-100: the mean over the 33 features of their sources' weights."""
    weights = np.vectorize(SOURCE_WEIGHTS.__getitem__, otypes=[np.float64])
    if sources.empty:
        return np.zeros(0)
    # Whole numbers, so the sum is exact and 95 is 95.
    return weights(sources.to_numpy()).sum(axis=1) / len(FEATURE_NAMES)


def quality_tier(score: float) -> str:
    """gold from 95, silver from 75, bronze from 50, poor from 25, else unusable."""
    return next((tier for least, tier in TIERS if score >= least), "unusable")


def insufficient_reasons(rows: pd.DataFrame) -> pd.Series:
    """Why a vector should not be used, in plain words; None where it may be."""
    games = rows["games_in_sample"].fillna(0).astype("int64")
    age = (pd.to_datetime(rows["game_date"]) - pd.to_datetime(rows["last_game_date"])).dt.days
    reasons = pd.Series(None, index=rows.index, dtype="object")
    stale = (age > STALE_DAYS).to_numpy(dtype=bool)
    reasons[stale] = f"no games in the last {STALE_DAYS} days"
    few = (games < GAMES_NEEDED).to_numpy(dtype=bool)
    counts = games[few].map(lambda n: f"only {n} game{'s' if n != 1 else ''} on record")
    reasons[few] = counts.astype("object")
    reasons[(games == 0).to_numpy(dtype=bool)] = "no games on record"
    return reasons
