"""The features of past mornings, for training and evaluation: the very code of the daily run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from activities.analytics.mornings import counted, player_mornings, team_mornings
from activities.analytics.windows import History, days_of
from activities.precompute.factors import composite_factors
from activities.precompute.player_daily_cache import cache_rows
from activities.precompute.similar_games import similar_games
from activities.precompute.vectors import declared_inputs, feature_vectors, morning_context
from activities.precompute.zones import every_team, player_zones, team_zones

EARLIER_GAMES = 5
"""A player-game with fewer earlier ones is no training row."""

_EVER = 100_000
_KEY = ["player_id", "game_id", "game_date"]
_MORNING = [*_KEY, "season", "team_abbr", "opponent_abbr", "is_home"]
_GAME = [
    *_MORNING, "season_type", "minutes_played", "points", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta",
    "usage_rate", "points_in_paint",
]  # fmt: skip


def _targets(
    player_games: pd.DataFrame, first: date, last: date, absent: pd.DataFrame | None
) -> pd.DataFrame:
    """The player-games to describe, as the upcoming players of their mornings."""
    played = counted(player_games)
    days = days_of(played["game_date"])
    epoch = date(1970, 1, 1)
    rows = played.loc[(days >= (first - epoch).days) & (days <= (last - epoch).days)]
    if absent is not None and len(absent):
        rows = pd.concat([rows, absent[_MORNING]])
    rows = rows.sort_values(["game_date", "player_id", "game_id"]).reset_index(drop=True)
    earlier = History(played, "player_id").before(rows, _EVER).count
    return rows.loc[earlier >= EARLIER_GAMES].reset_index(drop=True)


def _team_targets(players: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat(
        [
            players[["team_abbr", "game_date", "season"]],
            players[["opponent_abbr", "game_date", "season"]].rename(columns={"opponent_abbr": "team_abbr"}),
        ]
    )
    both = both.drop_duplicates(["team_abbr", "game_date"])
    return both.sort_values(["game_date", "team_abbr"]).reset_index(drop=True)


def training_features(
    player_games: pd.DataFrame,
    team_offense: pd.DataFrame,
    team_defense: pd.DataFrame,
    first: date,
    last: date,
    absent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every player-game in [first, last] with what was known of it that morning.

    Args:
        player_games: `player_game_summary`, with the three years before `first`.
        team_offense: `team_offense_game_summary`, with the year before `first`.
        team_defense: `team_defense_game_summary`, with the year before `first`.
        first: first game date.
        last: last game date, included.
        absent: players who were expected in games that they did not play (the key, season, both teams,
            is_home). What was known of them is described too; their points and minutes are NaN.

    Returns:
        player_id, game_id, game_date, season, both teams, points, minutes_played, the 33 features in the
        contract's order and the declared inputs of `shared.inputs`, for games of at least one (rounded)
        minute with at least 5 earlier ones, by game date and player. Points and minutes are the outcome,
        never an input. No history of lines or injury reports is at hand, so those features hold what the
        store writes without them.
    """
    player_games = player_games[_GAME]
    games = _targets(player_games, first, last, absent)
    targets = games[_MORNING]
    players = targets.join(player_mornings(player_games, targets)).assign(
        points_line=np.nan, opening_line=np.nan, injury_status="unknown", season_type="regular"
    )
    teams = _team_targets(players)
    teams = teams.join(team_mornings(team_offense, team_defense, teams))
    shots = targets[["player_id", "game_date"]].join(player_zones(player_games, targets))
    defending = every_team(team_defense, np.sort(players["game_date"].unique()))
    defense = defending.join(team_zones(team_defense, defending))
    mornings = morning_context(
        players,
        teams,
        cache_rows(player_games, team_offense, players),
        shots.rename(columns={"game_date": "analysis_date"}),
        defense.rename(columns={"game_date": "analysis_date"}),
    )
    values, _ = feature_vectors(mornings.join(composite_factors(mornings)))
    similar = targets[["player_id", "game_date"]].join(similar_games(player_games, team_defense, targets))
    inputs = declared_inputs(mornings, similar)
    about = games[[*_KEY, "season", "team_abbr", "opponent_abbr", "points", "minutes_played"]]
    return about.join(values).join(inputs)
