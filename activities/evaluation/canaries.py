"""Leak canaries: signs that a number knows what it could not have known.

Each is a threshold from clean models on real games (docs/features.md and design of the evaluation): crossing
one is a leak until it is disproved. Thresholds hold over at least 5,000 rows; the run-in counts too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from activities.evaluation.scores import Dates
from activities.evaluation.walk_forward import boosted
from activities.precompute.training_features import training_features
from activities.predictions.artefacts import model_data
from activities.predictions.systems import SYSTEM_IDS
from activities.training.train import NTHREAD
from shared.features import FEATURE_NAMES
from shared.inputs import INPUT_NAMES

LEAST_ROWS = 5_000
MOST_CORRELATION = 0.70
LEAST_ROTATION_MAE = 4.4
MOST_SKILL = 0.05
"""What the luck of a shuffle may give: points that happen to go with minutes over 25,000 rows. Measured on
45 clean shuffles of three ranges of 2024-25 and 2025-26: -0.10 to 0.03 (mean -0.04, standard deviation 0.03).
With the old defect in all averages 0.64-0.71, in the last 10 games' alone 0.32-0.40, in the season's alone
0.06-0.45."""
SHUFFLE_SEED = 1_891
SHUFFLED_DAYS = timedelta(days=400)
"""How far back the shuffled model learns: a season, for the sake of speed."""
JUDGED_DAYS = timedelta(days=60)
_KNOWN = [*FEATURE_NAMES, *INPUT_NAMES]

Verdict = tuple[str, dict[str, Any]]


def _verdict(good: bool, observed: float | str, limit: float | str, rows: int, text: str) -> Verdict:
    detail = {"observed": observed, "limit": limit, "rows": rows, "text": text}
    return ("pass" if good else "fail"), detail


def correlation(rows: pd.DataFrame) -> Verdict:
    """The last five games must not know the sixth: correlation with the outcome at most 0.70.

    Over rotation players: measured on the seven seasons since 2018-19, 0.61-0.65, and 0.76-0.79 with the
    game itself in the five. Among all players, who differ more, a clean one is up to 0.72. Below 5,000 rows
    chance alone can cross the limit, and it is said.
    """
    found = float(np.corrcoef(rows["points_avg_last_5"], rows["points"])[0, 1]) if len(rows) > 2 else 0.0
    few = len(rows) < LEAST_ROWS
    text = "of the last 5 games' mean with the outcome, rotation players"
    if few:
        text += f"; under {LEAST_ROWS:,} rows, so not judged"
    return _verdict(few or found <= MOST_CORRELATION, round(found, 4), MOST_CORRELATION, len(rows), text)


def rotation_mae(rows: pd.DataFrame) -> Verdict:
    """No system is better on rotation players than a model that was told their minutes."""
    maes = {
        name: float(np.mean(np.abs(rows[f"{name}.points"] - rows["points"]))) if len(rows) else np.inf
        for name in SYSTEM_IDS
    }
    best = min(maes, key=lambda name: maes[name])
    few = len(rows) < LEAST_ROWS
    text = f"smallest error on rotation players, of {best}"
    if few:
        text += f"; under {LEAST_ROWS:,} rows, so not judged"
    good = few or maes[best] >= LEAST_ROTATION_MAE
    return _verdict(good, round(maes[best], 4), LEAST_ROTATION_MAE, len(rows), text)


def target_day(
    player_games: pd.DataFrame, team_offense: pd.DataFrame, team_defense: pd.DataFrame, day: date
) -> Verdict:
    """Changing every box score of a day must leave that day's features as they are, to the byte."""
    before = training_features(player_games, team_offense, team_defense, day, day)[_KNOWN]
    changed = training_features(
        _doctored(player_games, day), _doctored(team_offense, day), _doctored(team_defense, day), day, day
    )
    after = changed[_KNOWN]
    same = before.to_numpy().tobytes() == after.to_numpy().tobytes()
    differing = [name for name in _KNOWN if not before[name].equals(after[name])]
    return _verdict(
        same, ", ".join(differing) or "identical", "identical", len(before),
        f"features of {day} after every box score of it was changed",
    )  # fmt: skip


def truncated_history(
    player_games: pd.DataFrame,
    team_offense: pd.DataFrame,
    team_defense: pd.DataFrame,
    rows: pd.DataFrame,
    day: date,
) -> Verdict:
    """Features rebuilt from games up to a day equal those that were built with all of them."""
    until = pd.Timestamp(day)
    games, offense, defense = (
        table.loc[(table["game_date"] <= until).to_numpy(dtype=bool)]
        for table in (player_games, team_offense, team_defense)
    )
    rebuilt = training_features(games, offense, defense, day, day)[_KNOWN]
    stored = rows.loc[(rows["game_date"] == until).to_numpy(dtype=bool), _KNOWN].reset_index(drop=True)
    same = rebuilt.to_numpy().tobytes() == stored.to_numpy(dtype=np.float64).tobytes()
    return _verdict(
        same, "identical" if same else "different", "identical", len(stored),
        f"features of {day} rebuilt from history cut off at that day",
    )  # fmt: skip


def shuffled_labels(
    player_games: pd.DataFrame,
    team_offense: pd.DataFrame,
    team_defense: pd.DataFrame,
    days: pd.Series,
    start: date,
    end: date,
) -> Verdict:
    """A model taught on shuffled points knows nothing of real ones, unless its inputs hold the answer.

    The points of every game before the judged dates are dealt out again among those games, features are made
    and one model is fitted from them as always, and the real games of the judged dates are predicted. Points
    are shuffled before features are made: a feature that has seen its own game has then seen the shuffled
    points too, the model learns to read them off it, and does so with the real ones.

    Fails if the model explains more of the variance of points than `MOST_SKILL` beyond doubt: the whole 95%
    interval, dates resampled, is above it. A constant, the best one there is, explains 0.

    Args:
        player_games: as for `training_features`.
        team_offense: as for `training_features`.
        team_defense: as for `training_features`.
        days: the dates of the evaluation's rows, run-in and history included.
        start: the first date asked for; with few rows from there on, judged dates begin before it.
        end: the last date asked for.
    """
    random = np.random.default_rng(SHUFFLE_SEED)
    last = min(end, start + JUDGED_DAYS)
    first = _judged_from(days, start, last)
    games = player_games.loc[(player_games["game_date"] <= pd.Timestamp(last)).to_numpy(dtype=bool)].copy()
    past = (games["game_date"] < pd.Timestamp(first)).to_numpy(dtype=bool)
    games.loc[past, "points"] = random.permutation(games.loc[past, "points"].to_numpy())
    rows = training_features(games, team_offense, team_defense, first - SHUFFLED_DAYS, last)
    known = (rows["game_date"] < pd.Timestamp(first)).to_numpy(dtype=bool)
    taught, judged = rows.loc[known], rows.loc[~known]
    few = len(judged) < LEAST_ROWS
    text = f"share of the variance of points from {first} on explained by a model taught on shuffled points"
    if few:
        text += f"; under {LEAST_ROWS:,} rows, so not judged"
    if taught.empty or judged.empty:
        return _verdict(few, "no rows", MOST_SKILL, len(judged), text)
    model = boosted(taught, lambda *_: None)
    actual = judged["points"].to_numpy(dtype=np.float64)
    ours = (model.predict(model_data(judged, NTHREAD)) - actual) ** 2
    # The best constant, so that another level of scoring than last year's is not taken for ignorance.
    constant = (actual - actual.mean()) ** 2
    low, high = Dates(judged["game_date"]).interval(constant - ours, constant)
    skill = float(1.0 - ours.sum() / constant.sum())
    state, detail = _verdict(
        few or low is None or low <= MOST_SKILL, round(skill, 4), MOST_SKILL, len(judged), text
    )
    return state, {**detail, "low": low, "high": high}


def _judged_from(days: pd.Series, start: date, last: date) -> date:
    """`start`, or the date before it from which on there are enough rows."""
    known = np.sort(days.loc[(days <= pd.Timestamp(last)).to_numpy(dtype=bool)].to_numpy())
    enough = pd.Timestamp(known[-LEAST_ROWS]).date() if len(known) >= LEAST_ROWS else start
    return min(start, enough)


def _doctored(table: pd.DataFrame, day: date) -> pd.DataFrame:
    """A day's outcomes multiplied, every figure of them; keys and who played stay.

    Less than a minute is rounded to 0 and does not count as played: a 0 stays one, or the day had other rows.
    """
    now = (table["game_date"] == pd.Timestamp(day)).to_numpy(dtype=bool)
    changed = table.copy()
    for name in table.columns:
        kind = table[name].dtype
        if name in ("player_id", "game_date") or not pd.api.types.is_numeric_dtype(kind):
            continue
        if pd.api.types.is_bool_dtype(kind):
            continue
        rows = now & (table[name] > 0).to_numpy(dtype=bool) if name == "minutes_played" else now
        changed.loc[rows, name] = (table.loc[rows, name] * 3 + 7).astype(kind)
    return changed
