"""What became of the lines of an evaluation: played, void and why, and what each system said of them.

A bet is void where a sportsbook would void it: the game was postponed, the player did not play, or the points
are the line (a push). So that a void can be counted for a system, those who did not play are predicted too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.evaluation.scores import rounded
from activities.predictions.systems import SYSTEM_IDS
from shared.clock import season_of

DECIDED, PUSH, DID_NOT_PLAY, POSTPONED, UNRESOLVED = (
    "decided", "push", "did_not_play", "postponed", "unresolved_name"
)  # fmt: skip
VOIDS = (DID_NOT_PLAY, POSTPONED, PUSH)
PLAYED = (DECIDED, PUSH)

_KEY = ["game_id", "player_id"]


def outcomes(market: pd.DataFrame, props: pd.DataFrame, player_games: pd.DataFrame) -> pd.DataFrame:
    """What became of each consensus line.

    Args:
        market: game_id, player_id and points_line of each consensus line.
        props: the lines of the dates asked for, with `resolution`; lines of other games are left out.
        player_games: who played how many minutes of which game.

    Returns:
        game_id, player_id and outcome: decided, push, did_not_play (no minutes, or none of a box score),
        postponed (no box score of the game at all), or unresolved_name (nobody of that name was found, so
        whether he played is not known).
    """
    lines = market.loc[market["game_id"].isin(set(props["game_id"])).to_numpy(dtype=bool)]
    lines = lines[[*_KEY, "points_line"]].merge(
        player_games[[*_KEY, "points", "minutes_played"]], on=_KEY, how="left", validate="1:1"
    )
    strangers = props.loc[props["resolution"].str.startswith("unresolved").to_numpy(dtype=bool), "player_id"]
    unknown = lines["player_id"].isin(set(strangers)).to_numpy(dtype=bool)
    held = lines["game_id"].isin(set(player_games["game_id"])).to_numpy(dtype=bool)
    played = (lines["minutes_played"].fillna(0) > 0).to_numpy(dtype=bool)
    push = (lines["points"] == lines["points_line"]).fillna(False).to_numpy(dtype=bool)
    found = np.select(
        [~held, unknown, ~played, push], [POSTPONED, UNRESOLVED, DID_NOT_PLAY, PUSH], default=DECIDED
    )
    return lines[_KEY].assign(outcome=found)


def absent_players(market: pd.DataFrame, props: pd.DataFrame, player_games: pd.DataFrame) -> pd.DataFrame:
    """Who had a line and did not play, as `training_features` wants them.

    Those whose team is not known, or is not one of the game's (traded that day), are left out: the day would
    not have predicted them either.
    """
    met = outcomes(market, props, player_games)
    void = met.loc[met["outcome"].isin([DID_NOT_PLAY, POSTPONED]).to_numpy(dtype=bool), _KEY]
    about = props[[*_KEY, "game_date", "team_abbr"]].drop_duplicates(_KEY)
    rows = void.merge(about, on=_KEY, validate="1:1")
    teams = rows["game_id"].str.split("_", expand=True).reindex(columns=[0, 1, 2])
    home = (rows["team_abbr"] == teams[2]).to_numpy(dtype=bool)
    away = (rows["team_abbr"] == teams[1]).to_numpy(dtype=bool)
    rows = rows.assign(
        season=[season_of(day.date()) for day in rows["game_date"]],
        opponent_abbr=np.where(home, teams[1], teams[2]),
        is_home=home,
    )
    return rows.loc[home | away].sort_values(["game_date", *_KEY], ignore_index=True)


def outcomes_of_lines(lines: pd.DataFrame, finished: pd.DataFrame) -> dict[str, Any]:
    """Counts of the lines, in all and for each system.

    Args:
        lines: `outcomes`.
        finished: what was predicted, those who did not play included: `<system>.points` and `.call`.

    Returns:
        void: lines on which no bet stands, by reason. coverage: lines in all, those whose player played,
        those of them predicted, and those of names that nobody was found for. by_system: for each system the
        lines that it predicted (`predicted`) by what became of them, `covered` (predicted of those who
        played) and its share `coverage`, and its recommended bets that are void, by reason.
    """
    met = lines.merge(finished, on=_KEY, how="left", validate="1:1")
    outcome = met["outcome"].to_numpy(dtype=object)
    played = np.isin(outcome, PLAYED)
    by_system = {}
    by_all: Array = np.ones(len(met), dtype=bool)
    for name in SYSTEM_IDS:
        has = met[f"{name}.points"].notna().to_numpy(dtype=bool)
        bet = met[f"{name}.call"].isin(["OVER", "UNDER"]).to_numpy(dtype=bool)
        covered = int((has & played).sum())
        by_system[name] = {
            "predicted": int(has.sum()),
            "covered": covered,
            "coverage": rounded(covered / played.sum()) if played.any() else None,
            "void": {reason: int((has & (outcome == reason)).sum()) for reason in VOIDS},
            "void_bets": {reason: int((bet & (outcome == reason)).sum()) for reason in VOIDS},
        }
        by_all &= has
    return {
        "void": {reason: int((outcome == reason).sum()) for reason in VOIDS},
        "coverage": {
            "lines": len(met),
            "played": int(played.sum()),
            "predicted": int((played & by_all).sum()),
            "unresolved_names": int((outcome == UNRESOLVED).sum()),
        },
        "by_system": by_system,
    }
