"""Walk-forward replay of the prediction systems: each date predicted from what was known on its morning.

The features are those of the daily run; XGBoost is fitted again at the start of each segment on games before
it; calibration and weights are fitted again for each date on predictions graded up to D-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xgboost as xgb

from activities.analytics.consensus import consensus_lines
from activities.analytics.mornings import counted
from activities.analytics.windows import Array
from activities.predictions.artefacts import Artefact
from activities.predictions.calibration import fit, fit_weights
from activities.predictions.distribution import probability_over
from activities.predictions.lines import NO_QUOTE, offers_of, quote_for
from activities.predictions.recommend import advise
from activities.predictions.systems import SYSTEMS
from activities.predictions.systems.base import SPREAD, System
from activities.predictions.systems.ensemble import MARKET, MEMBERS, PRIOR, Ensemble, member_means
from activities.predictions.systems.moving_average import MovingAverage
from activities.predictions.systems.similarity import Similarity
from activities.predictions.systems.xgboost_system import XGBoostSystem
from activities.predictions.systems.zone_matchup import ZoneMatchup
from activities.processor import Progress
from activities.training.train import NTHREAD, PARAMETERS, ROUNDS, training_matrix
from shared.clock import previous_season, season_of, season_start
from shared.errors import DataNotReady
from shared.evaluation import RUN_IN_DATES

EARLIER_GAMES = 10
"""A player-game is judged from ten earlier ones on, counted since the season before began."""

SEGMENT_DATES = 28
LEAST_ROWS = 2_000
_KEY = ["game_date", "player_id", "game_id"]


@dataclass(frozen=True)
class Segment:
    """Dates that are predicted by one fit, on games before the first of them."""

    first: date
    last: date


def segments(rows: pd.DataFrame, start: date, end: date) -> list[Segment]:
    """The run-in and the dates asked for, in runs of at most 28 dates; one begins at `start`.

    Raises:
        DataNotReady: there are no games to predict.
    """
    dates = pd.DatetimeIndex(np.sort(rows.loc[rows["points"].notna(), "game_date"].unique()))
    asked = dates[(dates >= pd.Timestamp(start)) & (dates <= pd.Timestamp(end))]
    if asked.empty:
        raise DataNotReady(f"no games from {start} to {end} in the warehouse; load history through {end}")
    before = dates[dates < pd.Timestamp(start)][-RUN_IN_DATES:]
    found = []
    for part in (before, asked):
        for at in range(0, len(part), SEGMENT_DATES):
            run = part[at : at + SEGMENT_DATES]
            found.append(Segment(run[0].date(), run[-1].date()))
    return found


def earlier_games(player_games: pd.DataFrame, rows: pd.DataFrame, start: date) -> Array:
    """Each row's counted games before its date since the start of the season before `start`'s."""
    since = season_start(previous_season(season_of(start)))
    games = counted(player_games)
    games = games.loc[(games["game_date"] >= pd.Timestamp(since)).to_numpy(dtype=bool)]
    games = games.sort_values(["player_id", "game_date", "game_id"])[["player_id", "game_id"]]
    games = games.assign(earlier_games=games.groupby("player_id").cumcount())
    joined = rows[["player_id", "game_id"]].merge(games, how="left", on=["player_id", "game_id"])
    return joined["earlier_games"].fillna(0).to_numpy(dtype=np.int64)


def market_rows(props: pd.DataFrame) -> pd.DataFrame:
    """The consensus line of each player-game with its market figures and best prices."""
    found = []
    for _, day in props.groupby("game_date", sort=True):
        offers = offers_of(day)
        for line in consensus_lines(day, set(day["game_id"])).itertuples():
            quote = quote_for(offers[(str(line.game_id), int(line.player_id))], float(line.points_line))
            found.append(
                (line.game_id, line.player_id, line.points_line, quote.market_over, quote.market_points,
                 quote.over_price, quote.under_price, quote)
            )  # fmt: skip
    columns = ["game_id", "player_id", "points_line", "market_over", "market_points", "over_price",
               "under_price", "quote"]  # fmt: skip
    return pd.DataFrame(found, columns=columns).astype(
        {"market_over": "float64", "market_points": "float64", "points_line": "float64", "player_id": "int64"}
    )


def boosted(rows: pd.DataFrame, progress: Progress) -> xgb.Booster:
    """The model as `activities.training.train` fits it."""
    data = training_matrix(rows)
    booster = xgb.Booster(PARAMETERS, [data])
    for done in range(ROUNDS):
        booster.update(data, done)
        progress(done + 1, ROUNDS, "boosting")
    return booster


def predict_segment(
    rows: pd.DataFrame, segment: Segment, variance: tuple[float, float], progress: Progress
) -> pd.DataFrame:
    """Means and spreads of the four systems, and the market's, for the rows of a segment.

    Args:
        rows: every feature row; those before the segment train, if their player played.
        segment: the dates.
        variance: (a, b) of XGBoost's error variance, from segments before this one.
        progress: told each round of boosting.

    Raises:
        DataNotReady: too few rows before the segment.
    """
    days = rows["game_date"]
    played = rows["points"].notna()
    past = rows.loc[(played & (days < pd.Timestamp(segment.first))).to_numpy(dtype=bool)]
    if len(past) < LEAST_ROWS:
        raise DataNotReady(
            f"{len(past)} player-games before {segment.first}, {LEAST_ROWS:,} needed: load more history"
        )
    now = rows.loc[
        ((days >= pd.Timestamp(segment.first)) & (days <= pd.Timestamp(segment.last))).to_numpy(dtype=bool)
    ]
    served = {"variance": list(variance), "nthread": NTHREAD}
    artefact = Artefact(f"walk-forward-{segment.first}", boosted(past, progress), {"served": served})
    systems: list[System] = [
        MovingAverage(), ZoneMatchup(), Similarity(), XGBoostSystem(artefact, explain=False),
    ]  # fmt: skip
    forecasts: dict[str, pd.DataFrame] = {}
    for system in systems:
        forecasts[system.system_id] = system.predict(now, forecasts)
    result = now[_KEY].copy()
    for name, forecast in forecasts.items():
        result[f"{name}.mean"] = forecast["predicted_mean"]
        result[f"{name}.points"] = forecast["predicted_points"]
        result[f"{name}.std"] = forecast["predicted_std"]
    return result


def error_variance(predicted: pd.DataFrame, rows: pd.DataFrame) -> tuple[float, float]:
    """(a, b) of XGBoost's error variance a + b x mean over what was predicted so far."""
    if predicted.empty:
        return SPREAD
    played = rows.loc[rows["points"].notna(), [*_KEY, "points"]]
    joined = predicted.merge(played, on=_KEY, validate="1:1")
    mean = joined["xgboost_v1.mean"].to_numpy(dtype=np.float64)
    squares = (mean - joined["points"].to_numpy(dtype=np.float64)) ** 2
    slope, intercept = np.polyfit(mean, squares, 1)
    return (round(float(intercept), 4), round(float(slope), 4)) if slope > 0 else SPREAD


def _members(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        name: pd.DataFrame(
            {
                "predicted_mean": rows[f"{name}.mean"],
                "predicted_points": rows[f"{name}.points"],
                "predicted_std": rows[f"{name}.std"],
            }
        )
        for name in MEMBERS
    }


def finish(rows: pd.DataFrame, progress: Progress) -> pd.DataFrame:
    """Adds the ensemble, P(over) before and after calibration, and recommendations, date by date.

    `rows` has the outcome (NaN for who did not play), the inputs the ensemble reads, the members' forecasts
    and the market's figures. What a date sees is what was graded up to two days before. The systems that use
    a line also say what they would without any: `<system>.unlined.mean` and `.points`.
    """
    rows = rows.sort_values(_KEY, ignore_index=True)
    means = member_means(_members(rows), rows["market_points"].to_numpy(dtype=np.float64))
    points = rows["points"].to_numpy(dtype=np.float64)
    line = rows["points_line"].to_numpy(dtype=np.float64)
    lined, played = np.isfinite(line), np.isfinite(points)
    days = rows["game_date"].to_numpy().astype("datetime64[D]")
    decided = lined & played & (points != line)
    over = (points > line).astype(np.float64)
    market = rows["market_over"].to_numpy(dtype=np.float64)
    quotes = rows["quote"].to_numpy(dtype=object)
    ids = [spec.system_id for spec in SYSTEMS]
    ensemble = SYSTEMS[-1].system_id
    columns: dict[str, Array] = {
        f"{name}.{part}": np.full(len(rows), np.nan) for name in ids for part in ("raw", "over")
    }
    parts = {"mean": "predicted_mean", "points": "predicted_points", "std": "predicted_std"}
    columns |= {
        f"{ensemble}.{part}": np.full(len(rows), np.nan)
        for part in (*parts, *(f"unlined.{part}" for part in parts))
    }
    calls: dict[str, Array] = {name: np.full(len(rows), "", dtype=object) for name in ids}
    dates = np.unique(days)
    for done, day in enumerate(dates):
        progress(done, len(dates), str(day))
        now = days == day
        past = days <= day - np.timedelta64(2, "D")
        weights = _weights(means.loc[past & played], points[past & played])
        today = rows.loc[now]
        members = _members(today)
        combined = Ensemble(weights)
        own = combined.predict(today, members)
        unlined = combined.predict(today.assign(market_points=np.nan), members)
        for part, column in parts.items():
            columns[f"{ensemble}.{part}"][now] = own[column]
            columns[f"{ensemble}.unlined.{part}"][now] = unlined[column]
        for spec in SYSTEMS:
            name = spec.system_id
            source = columns if spec.uses_line else rows
            mean, std = (
                np.asarray(source[f"{name}.{part}"], dtype=np.float64)[now] for part in ("mean", "std")
            )
            columns[f"{name}.raw"][now] = probability_over(mean, std, line[now])
            graded = past & decided & np.isfinite(columns[f"{name}.raw"])
            calibration = fit(
                columns[f"{name}.raw"][graded], market[graded], over[graded], uses_line=spec.uses_line
            )
            columns[f"{name}.over"][now] = calibration.apply(columns[f"{name}.raw"][now], market[now])
        for at in np.flatnonzero(now & lined):
            quote = quotes[at] if quotes[at] is not None else NO_QUOTE
            for name in ids:
                p = float(columns[f"{name}.over"][at])
                calls[name][at] = advise(float(line[at]), p, quote, 100.0).recommendation
    made = pd.DataFrame({**columns, **{f"{name}.call": values for name, values in calls.items()}})
    return rows.join(made)


def _weights(means: pd.DataFrame, points: Array) -> Mapping[str, Mapping[str, float]]:
    lined = means[MARKET].notna().to_numpy(dtype=bool)
    return {
        "with_line": fit_weights(means.loc[lined], points[lined], PRIOR["with_line"]),
        "without_line": fit_weights(means[list(MEMBERS)], points, PRIOR["without_line"]),
    }


def history_needed(start: date, seasons: int) -> date:
    """The first date whose games an evaluation from `start` reads: so many seasons before its own."""
    season = season_of(start)
    for _ in range(seasons):
        season = previous_season(season)
    return season_start(season)
