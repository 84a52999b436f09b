"""The predicted distribution of a player's points: Pearson type III around the mean.

A system gives a mean and a standard deviation; median, quantiles and P(over) of any line follow. Points are
skewed to the right, the more so the fewer they are, so the median lies below the mean.

    skewness = 0.9 - 0.05 x mean, within 0.3 and 0.9

Measured walk-forward (fitted on 2023-24, tested on 25,063 player-games of 2024-25): the probability integral
transform has between 0.09 and 0.12 in every tenth, against 0.05 to 0.13 for a normal around the median.
Pearson type III is a gamma distribution moved and scaled (Abramowitz and Stegun 26.1.31).
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammainc, gammaincinv

from activities.analytics.windows import Array

LEVELS = tuple(round(0.05 * n, 2) for n in range(1, 20))
"""The quantiles that a prediction stores: 0.05, 0.10 … 0.95."""


def skewness(mean: Array) -> Array:
    """Skewness of points around a predicted mean."""
    return np.asarray(np.clip(0.9 - 0.05 * np.asarray(mean, dtype=np.float64), 0.3, 0.9))


def quantile(mean: Array, std: Array, level: float) -> Array:
    """The points that are not exceeded with probability `level`; never below 0."""
    shape = 4.0 / skewness(mean) ** 2
    z = (gammaincinv(shape, level) - shape) / np.sqrt(shape)
    return np.asarray(np.maximum(np.asarray(mean) + np.asarray(std) * z, 0.0))


def median(mean: Array, std: Array) -> Array:
    """The median of points: what a line is, and what mean absolute error is about."""
    return quantile(mean, std, 0.5)


def quantiles(mean: Array, std: Array) -> Array:
    """An array (players, levels) of the quantiles at `LEVELS`, to the hundredth."""
    columns = [quantile(mean, std, level) for level in LEVELS]
    stacked: Array = np.round(np.stack(columns, axis=-1), 2)
    return stacked


def cumulative(mean: Array, std: Array, points: Array) -> Array:
    """P(at most so many points), continuous."""
    shape = 4.0 / skewness(mean) ** 2
    z = (np.asarray(points) - np.asarray(mean)) / np.asarray(std)
    return np.asarray(gammainc(shape, np.maximum(shape + z * np.sqrt(shape), 0.0)))


def probability_over(mean: Array, std: Array, line: Array) -> Array:
    """P(more than the line | no push), points being whole; NaN where there is no line.

    More than 24.5, and more than 24, both begin at 25: half a point of continuity correction each way. At a
    whole line the push is left out, as the bet is void then.
    """
    line = np.asarray(line, dtype=np.float64)
    over = 1.0 - cumulative(mean, std, np.floor(line) + 0.5)
    under = cumulative(mean, std, np.ceil(line) - 0.5)
    total = over + under
    return np.divide(over, total, out=np.full(np.shape(total), 0.5), where=total > 0) + 0.0 * line
