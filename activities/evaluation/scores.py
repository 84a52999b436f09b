"""Errors, scores of probabilities and returns, with intervals clustered by date.

Games of one date share their circumstances, so a bootstrap draws dates, not rows. Everything is sums by date
first; a resample is then a weighting of the dates (Efron and Tibshirani 1993, chapter 8).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from activities.analytics.windows import Array

RESAMPLES = 1_000
SEED = 20260125
BINS = 10


class Dates:
    """The dates of some rows, and the resamples of them."""

    def __init__(self, days: pd.Series) -> None:
        codes, names = pd.factorize(days, sort=True)
        self._codes = codes
        self._size = len(names)
        draws = np.random.default_rng(SEED).integers(0, max(self._size, 1), (RESAMPLES, max(self._size, 1)))
        self._weights = np.stack([np.bincount(draw, minlength=max(self._size, 1)) for draw in draws])

    def interval(self, values: Array, counts: Array | None = None) -> tuple[float | None, float | None]:
        """The 95% interval of the mean of values (or of sum(values) / sum(counts))."""
        if not self._size:
            return None, None
        above = np.bincount(self._codes, weights=values, minlength=self._size)
        below = np.bincount(
            self._codes, weights=np.ones(len(values)) if counts is None else counts, minlength=self._size
        )
        totals = self._weights @ below
        means = (self._weights @ above)[totals > 0] / totals[totals > 0]
        low, high = np.quantile(means, [0.025, 0.975])
        return rounded(low), rounded(high)


def rounded(value: Any, places: int = 4) -> float | None:
    """A plain float; None for what is no number."""
    return round(float(value), places) if value is not None and np.isfinite(value) else None


def errors(points: Array, mean: Array, actual: Array, days: pd.Series) -> dict[str, Any]:
    """n, MAE of the median with its interval, RMSE and bias of the mean, bias of the median; points."""
    if not len(actual):
        return {"n": 0, "mae": None, "mae_low": None, "mae_high": None, "rmse": None, "bias": None,
                "median_bias": None}  # fmt: skip
    absolute = np.abs(points - actual)
    low, high = Dates(days).interval(absolute)
    return {
        "n": len(actual),
        "mae": rounded(absolute.mean()),
        "mae_low": low,
        "mae_high": high,
        "rmse": rounded(np.sqrt(((mean - actual) ** 2).mean())),
        "bias": rounded((mean - actual).mean()),
        "median_bias": rounded((points - actual).mean()),
    }


def difference(ours: Array, theirs: Array, days: pd.Series) -> dict[str, float | None]:
    """Mean of ours less theirs on the same rows, with its interval; negative is better."""
    if not len(ours):
        return {"difference": None, "low": None, "high": None}
    low, high = Dates(days).interval(ours - theirs)
    return {"difference": rounded((ours - theirs).mean()), "low": low, "high": high}


def curve(p: Array, happened: Array) -> list[dict[str, Any]]:
    """Mean prediction and observed rate in ten bins of equal size."""
    order = np.argsort(p, kind="stable")
    return [
        {"p": rounded(p[part].mean()), "observed": rounded(happened[part].mean()), "n": len(part)}
        for part in np.array_split(order, BINS)
        if len(part)
    ]


def calibration_error(p: Array, happened: Array) -> float:
    """Expected calibration error over ten bins of equal mass."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    gaps = [len(part) * abs(float(p[part].mean() - happened[part].mean())) for part in parts]
    return sum(gaps) / max(len(p), 1)


def calibration_limit(p: Array) -> float:
    """The 95th percentile of the calibration error that perfect probabilities would show by chance."""
    random = np.random.default_rng(SEED)
    order = np.argsort(p, kind="stable")
    ordered = p[order]
    parts = [part for part in np.array_split(np.arange(len(p)), BINS) if len(part)]
    found = []
    for _ in range(400):
        drawn = random.uniform(size=len(p)) < ordered
        found.append(sum(abs(float((ordered[part] - drawn[part]).sum())) for part in parts) / len(p))
    return float(np.quantile(found, 0.95))


def log_loss(p: Array, happened: Array) -> float:
    """Mean negative log likelihood."""
    return float(-np.mean(happened * np.log(p) + (1 - happened) * np.log(1 - p)))
