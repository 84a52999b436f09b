"""A player's past games in circumstances like today's: the figures of `player_similar_games`.

Similarity 0-100: the opponent's defence of the same tier 40, of the next one 20; the same days of rest (0, 1,
2, 3 or more) 30, one off 15; the same venue 15; form within 3 points 15, else 5. Of his last 60 games the 20
latest with at least 70 count. Source: original-system.md section 3, "similarity_balanced_v1", with its
defects mended: circumstances are those that were known on the morning of each game, rest is counted from the
game before, form never sees later games, and the opponent's tier and the venue are the game's own.

Pure functions over many targets at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.mornings import (
    DEFENSE_GAMES,
    OF_A_GAME,
    RECENT_DAYS,
    YEAR,
    appeared,
    counted,
    of_record,
)
from activities.analytics.windows import Array, History, Span
from activities.precompute.form import EWMA_ALPHA, EWMA_GAMES, THREE_YEARS

LOOK_BACK = 60
MOST = 20
LEAST_SIMILARITY = 70.0
ELITE, WEAK = 112.0, 116.0
"""Points allowed per 100 possessions that part elite, average and weak defences."""
FORM_BAND = 3.0
_CHUNK = 4_000
_COLUMNS = [*OF_A_GAME, "opponent_abbr", "is_home", "points"]


def _circumstances(
    games: History, appearances: History, defense: History, targets: pd.DataFrame
) -> pd.DataFrame:
    """Tier of the opponent, rest, venue, form and average, each as of the target's morning."""
    past = games.before(targets, THREE_YEARS)
    rest = appearances.days_since(targets, appearances.before(targets, RECENT_DAYS)) - 1
    opponents = targets[["opponent_abbr", "game_date"]].rename(columns={"opponent_abbr": "team_abbr"})
    rating = defense.mean("defensive_rating", defense.before(opponents, YEAR).last(DEFENSE_GAMES))
    average = games.weighted("points", past, EWMA_ALPHA, EWMA_GAMES)
    return pd.DataFrame(
        {
            "tier": np.select([rating < ELITE, rating >= WEAK], [0.0, 2.0], default=1.0),
            "rest": np.clip(np.nan_to_num(rest, nan=3.0), 0.0, 3.0),
            "home": targets["is_home"].to_numpy(dtype=np.float64),
            "form": games.mean("points", past.last(5)) - average,
            "average": average,
        },
        index=targets.index,
    )


def similar_games(
    player_games: pd.DataFrame, team_defense: pd.DataFrame, targets: pd.DataFrame
) -> pd.DataFrame:
    """Games like the target's, indexed like `targets` (player_id, opponent_abbr, is_home, game_date).

    similar_games (count), similar_score (mean similarity), similar_margin (points above his exponentially
    weighted average of the time, weighted by similarity); NaN without one.
    """
    player_games = player_games[_COLUMNS]
    played = counted(player_games)
    games = History(played, "player_id")
    appearances = History(appeared(player_games), "player_id")
    defense = History(of_record(team_defense), "team_abbr")
    span = games.before(targets, THREE_YEARS).last(LOOK_BACK)
    known = _known(games, appearances, defense, span)
    now = _circumstances(games, appearances, defense, targets)
    parts = [
        _compared(known, now.iloc[at : at + _CHUNK], span.start[at : at + _CHUNK], span.end[at : at + _CHUNK])
        for at in range(0, len(targets), _CHUNK)
    ]
    columns = ["similar_games", "similar_score", "similar_margin"]
    values = np.concatenate(parts) if parts else np.zeros((0, 3))
    return pd.DataFrame(values, columns=columns, index=targets.index)


def _known(games: History, appearances: History, defense: History, span: Span) -> pd.DataFrame:
    """The circumstances and the margin of each game that some window holds; of the others nothing (NaN)."""
    in_order = games.games.reset_index(drop=True)
    ends = [np.bincount(at, minlength=len(in_order) + 1) for at in (span.start, span.end)]
    held = in_order.loc[np.cumsum(ends[0] - ends[1])[:-1] > 0]
    then = _circumstances(games, appearances, defense, held)
    margin = held["points"].to_numpy(dtype=np.float64) - then["average"].to_numpy()
    return then.assign(margin=margin).reindex(in_order.index)


def _compared(known: pd.DataFrame, now: pd.DataFrame, start: Array, end: Array) -> Array:
    """(count, mean similarity, weighted margin) of each target."""
    back = np.arange(1, LOOK_BACK + 1)
    at = end[:, None] - back[None, :]
    there = at >= start[:, None]
    if not len(known):
        return np.tile([0.0, np.nan, np.nan], (len(now), 1))
    at = np.maximum(at, 0)
    then = {name: known[name].to_numpy()[at] for name in ("tier", "rest", "home", "form", "margin")}
    own = {name: now[name].to_numpy()[:, None] for name in ("tier", "rest", "home", "form")}
    apart = {name: np.abs(then[name] - own[name]) for name in own}
    score = (
        np.select([apart["tier"] == 0, apart["tier"] == 1], [40.0, 20.0], default=0.0)
        + np.select([apart["rest"] == 0, apart["rest"] == 1], [30.0, 15.0], default=0.0)
        + np.where(apart["home"] == 0, 15.0, 0.0)
        + np.where(apart["form"] <= FORM_BAND, 15.0, 5.0)
    )
    good = there & (score >= LEAST_SIMILARITY) & np.isfinite(then["margin"])
    # Newest first, so the first twenty are the latest.
    good &= np.cumsum(good, axis=1) <= MOST
    count = good.sum(axis=1).astype(np.float64)
    weight = np.where(good, score, 0.0)
    total = weight.sum(axis=1)
    some = total > 0
    mean = np.divide(total, count, out=np.full(len(now), np.nan), where=some)
    margins = np.where(good, then["margin"], 0.0) * weight
    margin = np.divide(margins.sum(axis=1), total, out=np.full(len(now), np.nan), where=some)
    return np.stack([count, mean, margin], axis=1)
