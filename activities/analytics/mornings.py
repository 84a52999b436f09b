"""What is known of a team or a player on a morning, from games strictly before it.

Pure functions over a frame of targets with many (entity, game_date) rows: the two context processors
call them with the rows of one date, training with those of hundreds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from activities.analytics.windows import Array, History

YEAR = 365
"""How far back "his last n games" reaches; within what the registry gives every reader."""

RECENT_DAYS = 60
"""Games this recent make a player one who plays now."""

OFFENSE_GAMES = 10
DEFENSE_GAMES = 15
USAGE_GAMES = 7
GAMES_FOR_WIN_PCT = 5

OF_A_GAME = ("player_id", "game_date", "season", "season_type", "minutes_played")
"""What tells whose game it was, when, and whether it counts; a figure adds the columns it is of."""

CUP_FINAL = "cup_final"
OUT_OF_SEASON = ("play_in", "playoffs", CUP_FINAL)
"""Types of games that no season's figure counts. A game without a type is one of the regular season."""


def appeared(player_games: pd.DataFrame) -> pd.DataFrame:
    """The games that he played: at least one whole minute, after rounding. They make him tired.

    One rule for every window, in training and serving alike; a rounded 0 is under 30 seconds.
    """
    return player_games.loc[player_games["minutes_played"].astype("int64") >= 1]


def of_record(games: pd.DataFrame) -> pd.DataFrame:
    """The games that count in a statistic: all but the Cup final, as the league has it.

    The season logs that history is loaded from lack it for that reason.
    """
    return games.loc[~games["season_type"].isin([CUP_FINAL]).to_numpy(dtype=bool)]


def of_season(games: pd.DataFrame) -> pd.DataFrame:
    """The games of the regular season, which alone a season's average and record are of."""
    return games.loc[~games["season_type"].isin(OUT_OF_SEASON).to_numpy(dtype=bool)]


def counted(player_games: pd.DataFrame) -> pd.DataFrame:
    """The games that his form is of: those that he played and that count in a statistic."""
    return of_record(appeared(player_games))


def of_players(player_games: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """The games of the players asked for: a morning's are a third of those who have played in three years."""
    return player_games.loc[player_games["player_id"].isin(targets["player_id"]).to_numpy(dtype=bool)]


def team_mornings(
    team_offense: pd.DataFrame, team_defense: pd.DataFrame, targets: pd.DataFrame
) -> pd.DataFrame:
    """A team's rest, record, pace and ratings; indexed like `targets`.

    `targets`: team_abbr, game_date, season. Rest in days between games (0: played yesterday), NaN
    before the season's first game; the record is of the regular season; pace in possessions per 48
    minutes; ratings per 100 possessions.
    """
    every = History(team_offense, "team_abbr")
    regular = History(of_season(team_offense), "team_abbr")
    offense = History(of_record(team_offense), "team_abbr")
    defense = History(of_record(team_defense), "team_abbr")
    season = regular.season(targets)
    last_10 = offense.before(targets, YEAR).last(OFFENSE_GAMES)
    last_15 = defense.before(targets, YEAR).last(DEFENSE_GAMES)
    enough = season.count >= GAMES_FOR_WIN_PCT
    return pd.DataFrame(
        {
            "days_rest": every.days_since(targets, every.season(targets)) - 1,
            "is_back_to_back": every.before(targets, 1).count > 0,
            "games_in_last_7_days": every.before(targets, 7).count,
            "games_played_season": season.count,
            "win_pct_season": np.where(enough, regular.mean("is_win", season), np.nan),
            "pace_last_10": offense.mean("pace", last_10),
            "off_rating_last_10": offense.mean("offensive_rating", last_10),
            "def_rating_last_15": defense.mean("defensive_rating", last_15),
            "opponent_pace_allowed_last_15": defense.mean("opponent_pace", last_15),
        },
        index=targets.index,
    )


def player_mornings(player_games: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """A player's workload; indexed like `targets`.

    `targets`: player_id, game_date, season. Rest in days between games (0: played yesterday), NaN
    without a game in 60 days; minutes in minutes; usage in percent.
    """
    played = appeared(player_games[[*OF_A_GAME, "usage_rate"]])
    games = History(played, "player_id")
    form = History(of_record(played), "player_id")
    regular = History(of_season(played), "player_id")
    recent = games.before(targets, RECENT_DAYS)
    last_7 = form.before(targets, YEAR).last(USAGE_GAMES)
    week = games.before(targets, 7)
    played = [games.before(targets, n, skip=n - 1).count > 0 for n in range(1, 15)]
    back_to_backs: Array = np.zeros(len(targets), dtype=np.int64)
    for later, earlier in pairwise(played):
        back_to_backs += later & earlier
    return pd.DataFrame(
        {
            "days_rest": games.days_since(targets, recent) - 1,
            "is_back_to_back": played[0],
            "games_in_last_7_days": week.count,
            "games_in_last_14_days": games.before(targets, 14).count,
            "minutes_in_last_7_days": games.total("minutes_played", week),
            "back_to_backs_last_14_days": back_to_backs,
            "games_in_last_60_days": recent.count,
            "games_played_season": regular.season(targets).count,
            "usage_rate_last_7_games": form.mean("usage_rate", last_7),
            "avg_minutes_last_7_games": form.mean("minutes_played", last_7),
        },
        index=targets.index,
    )
