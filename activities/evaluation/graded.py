"""How graded predictions came out, from the rows of phase 6: errors by month, calibration, bets.

The market's line is judged on the same rows. Intervals are 95% and take dates as clusters: the games of one
are no independent rows. Errors are in points; a return is per unit staked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt
from typing import Any

import numpy as np
import pandas as pd

Entry = dict[str, Any]

BINS = 10
BUCKETS = ((0.0, 10.0, "under 10"), (10.0, 20.0, "10 to 20"), (20.0, 1e9, "over 20"))
"""Of lines, in points: the lower end is within."""


def clustered(values: np.ndarray, weights: np.ndarray) -> tuple[float, float | None]:
    """A mean weighted by rows, and half of its 95% interval with dates as clusters; None for one date."""
    known = np.isfinite(values) & (weights > 0)
    values, weights = values[known], weights[known]
    if not len(values):
        return float("nan"), None
    mean = float(np.average(values, weights=weights))
    if len(values) < 2:
        return mean, None
    terms = weights * (values - mean)
    spread = sqrt(float((terms**2).sum()) * len(values) / (len(values) - 1)) / float(weights.sum())
    return mean, 1.96 * spread


def daily_mean(daily: pd.DataFrame, column: str, weight: str) -> tuple[float | None, float | None]:
    """The mean of a column of daily figures and half of its interval; None where there is none."""
    values = daily[column].to_numpy(dtype=np.float64, na_value=np.nan)
    mean, half = clustered(values, daily[weight].to_numpy(dtype=np.float64))
    return (None if np.isnan(mean) else mean), half


def spread(
    name: str, mean: float | None, half: float | None, least: float = -inf, most: float = inf
) -> Entry:
    """A mean under its name, with the ends of its interval; neither is beyond what can be."""
    if mean is None or half is None:
        return {name: mean, f"{name}_low": None, f"{name}_high": None}
    return {name: mean, f"{name}_low": max(mean - half, least), f"{name}_high": min(mean + half, most)}


def by_month(daily: pd.DataFrame) -> list[Entry]:
    """Error on rows with a line by month, and the line's; a system's rows of `system_daily_performance`."""
    found = []
    for month, rows in daily.groupby(daily["game_date"].dt.strftime("%Y-%m")):
        line, _ = daily_mean(rows, "line_mae", "lined")
        gap = rows.assign(gap=rows["lined_mae"] - rows["line_mae"])
        found.append(
            {
                "month": str(month), "n": int(rows["lined"].sum()), "line": line,
                **spread("mae", *daily_mean(rows, "lined_mae", "lined")),
                **spread("behind", *daily_mean(gap, "gap", "lined")),
            }
        )  # fmt: skip
    return found


def calibration(rounded: pd.DataFrame) -> dict[str, list[Entry]]:
    """Ten bins of equal mass by system, from counts by probability to the hundredth.

    Args:
        rounded: rows of `system_id`, `p`, `n` and `overs`.
    """
    found: dict[str, list[Entry]] = {}
    for system, rows in rounded.sort_values("p").groupby("system_id"):
        counts = rows["n"].to_numpy(dtype=np.float64)
        overs = rows["overs"].to_numpy(dtype=np.float64)
        p = rows["p"].to_numpy(dtype=np.float64)
        middle = (np.cumsum(counts) - counts / 2) / counts.sum()
        bins = np.minimum((middle * BINS).astype(int), BINS - 1)
        found[str(system)] = [
            {
                "p": float(np.average(p[mine], weights=counts[mine])),
                "observed": float(overs[mine].sum() / counts[mine].sum()),
                "n": int(counts[mine].sum()),
            }
            for mine in (bins == number for number in range(BINS))
            if mine.any()
        ]
    return found


def priced(bets: pd.DataFrame) -> pd.DataFrame:
    """Decided bets, rows of `prediction_results`, each with its price, its return and its month and line."""
    over = (bets["recommendation"] == "OVER").to_numpy(dtype=bool)
    prices = [bets[c].to_numpy(dtype=np.float64, na_value=np.nan) for c in ("over_price", "under_price")]
    price = np.where(over, *prices)
    right = bets["prediction_correct"].to_numpy(dtype=bool)
    lines = bets["points_line"].to_numpy(dtype=np.float64, na_value=np.nan)
    held = [(lines >= low) & (lines < high) for low, high, _ in BUCKETS]
    return bets.assign(
        right=right,
        price=price,
        gain=np.where(right, price - 1.0, -1.0),
        month=bets["game_date"].dt.strftime("%Y-%m"),
        bucket=np.select(held, range(len(BUCKETS)), default=-1),
    )


def outcome(bets: pd.DataFrame) -> Entry:
    """Hit rate, what it has to be for the prices to return nothing, and return a unit, of priced bets."""
    prices = bets["price"].to_numpy(dtype=np.float64)
    prices = prices[np.isfinite(prices)]
    return {
        "n": len(bets),
        "right": int(bets["right"].sum()),
        **spread("hit_rate", *_by_date(bets, "right"), 0.0, 1.0),
        # Equal stakes at hit rate h return h × mean price.
        "needed": float(1.0 / prices.mean()) if len(prices) else None,
        **spread("return", *_by_date(bets, "gain"), -1.0),
    }


def _by_date(bets: pd.DataFrame, column: str) -> tuple[float | None, float | None]:
    known = bets.assign(value=bets[column].astype(np.float64)).dropna(subset=["value"])
    daily = known.groupby("game_date")["value"].agg(["mean", "size"]).reset_index()
    return daily_mean(daily, "mean", "size")


def by_group(bets: pd.DataFrame) -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
    """Outcomes of priced bets by system: by month, and by bucket of lines."""
    bucketed = bets.loc[(bets["bucket"] >= 0).to_numpy(dtype=bool)]
    return _grouped(bets, "month", str), _grouped(bucketed, "bucket", lambda b: BUCKETS[int(b)][2])


def _grouped(bets: pd.DataFrame, column: str, named: Callable[[Any], str]) -> dict[str, list[Entry]]:
    return {
        str(system): [{"group": named(group), **outcome(rows)} for group, rows in mine.groupby(column)]
        for system, mine in bets.groupby("system_id")
    }
