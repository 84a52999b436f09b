"""P(over) and the ensemble's weights, fitted on past graded predictions only.

    logit(p) = logit(anchor) + intercept + slope x (logit(own) - logit(anchor))

own is what a system's distribution says, the anchor is the market's probability without its margin, or a coin
where no book prices both sides. Slope and intercept are logistic regression drawn to a prior that keeps a
tenth of a system's distance from the market, half of it where the system has the market in it: with nothing
graded the probability is nearly the market's, and each graded date moves it. Uncalibrated, a system is worse
than a coin here: Brier 0.258 on 2,476 real lines of 2025-10-21 to 11-15, the market's 0.2500. A logistic
curve takes two numbers from the past; isotonic regression would take dozens from the same few thousand rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.special import expit, logit

from activities.analytics.windows import Array

KEPT, KEPT_WITH_LINE = 0.10, 0.50
"""Prior slopes: how much of its distance from the market a system keeps before anything is graded."""

SLOPE_PRECISION, INTERCEPT_PRECISION = 100.0, 400.0
"""Of the priors: a slope is believed to within 0.1, an intercept to within 0.05."""

WEIGHT_PRIOR_ROWS = 3_000.0
"""Graded rows after which past errors count as much as the prior weights."""

BOUNDS = (0.01, 0.99)


@dataclass(frozen=True)
class Calibration:
    """What makes a system's own probability an honest one."""

    slope: float
    intercept: float = 0.0
    rows: int = 0
    """Graded predictions behind it."""

    def apply(self, own: Array, market: Array) -> Array:
        """Calibrated P(over), to four places; NaN where `own` is."""
        anchor = anchored(market)
        start = logit(anchor)
        p = expit(start + self.intercept + self.slope * (_logit(own) - start))
        return np.round(np.clip(p, *BOUNDS), 4)


def anchored(market: Array) -> Array:
    """The market's probability, a coin's where it has none."""
    market = np.asarray(market, dtype=np.float64)
    return np.clip(np.where(np.isfinite(market), market, 0.5), *BOUNDS)


def _logit(probability: Array) -> Array:
    return logit(np.clip(np.asarray(probability, dtype=np.float64), *BOUNDS))


def prior(*, uses_line: bool) -> Calibration:
    """The calibration of a system of which nothing is graded."""
    return Calibration(KEPT_WITH_LINE if uses_line else KEPT)


def fit(own: Array, market: Array, over: Array, *, uses_line: bool) -> Calibration:
    """Logistic regression with the prior, by Newton's method; rows are decided lines (no pushes).

    Args:
        own: the system's own P(over).
        market: the market's, NaN where unknown.
        over: 1 where it went over, else 0.
        uses_line: whether the system has the market in it.
    """
    start = prior(uses_line=uses_line)
    if not len(over):
        return start
    base = logit(anchored(market))
    design = np.stack([_logit(own) - base, np.ones(len(over))], axis=1)
    precision = np.diag([SLOPE_PRECISION, INTERCEPT_PRECISION])
    centre = np.array([start.slope, start.intercept])
    found = centre.copy()
    for _ in range(20):
        p = expit(base + design @ found)
        gradient = design.T @ (over - p) - precision @ (found - centre)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + precision
        step = np.linalg.solve(curvature, gradient)
        found = found + step
        if float(np.abs(step).max()) < 1e-9:
            break
    # A negative slope would bet against the system; it has earned no trust, so it gets none.
    return Calibration(round(max(float(found[0]), 0.0), 6), round(float(found[1]), 6), len(over))


def fit_weights(means: pd.DataFrame, points: Array, start: Mapping[str, float]) -> dict[str, float]:
    """Weights of the members, none negative, together 1: least squares, drawn to `start`.

    Args:
        means: a member's predicted means a column, no unknown values.
        points: what was scored.
        start: the prior weights.
    """
    names = list(means.columns)
    centre = np.array([start.get(name, 0.0) for name in names])
    if not len(means):
        return dict(zip(names, centre.tolist(), strict=True))
    values = means.to_numpy(dtype=np.float64)
    # Members agree on most of it: only what they differ in, against their mean, can tell them apart.
    middle = values.mean(axis=1, keepdims=True)
    differences = values - middle
    scale = np.sqrt(WEIGHT_PRIOR_ROWS * float((differences**2).mean()))
    together = 1_000.0 * np.sqrt(len(values)) * np.ones((1, len(names)))
    design = np.vstack([differences, scale * np.eye(len(names)), together])
    target = np.concatenate([np.asarray(points) - middle[:, 0], scale * centre, together[0, :1]])
    weights, _ = nnls(design, target)
    return {name: round(float(w), 6) for name, w in zip(names, weights / weights.sum(), strict=True)}
