"""Distributions, calibration and weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from activities.predictions.calibration import Calibration, fit, fit_weights, prior
from activities.predictions.distribution import LEVELS, median, probability_over, quantiles


def over(mean: float, line: float) -> float:
    return float(probability_over(np.array([mean]), np.array([6.0]), np.array([line]))[0])


def test_a_line_at_the_median_is_a_coin() -> None:
    assert float(median(np.array([24.8]), np.array([6.0]))[0]) == pytest.approx(24.5, abs=0.01)
    assert over(24.8, 24.5) == pytest.approx(0.5, abs=0.001)


def test_a_push_is_left_out_at_a_whole_line() -> None:
    assert over(25.0, 24.0) > over(24.0, 24.0)
    assert over(24.0, 24.0) == pytest.approx(0.48, abs=0.01)


def test_a_consensus_between_two_lines_begins_at_the_next_whole_point() -> None:
    assert over(24.0, 24.25) == pytest.approx(over(24.0, 24.5))


def test_a_higher_line_is_less_likely_beaten() -> None:
    chances = [over(20.0, line) for line in np.arange(0.5, 45.5)]
    assert (np.diff(chances) < 0).all()


def test_without_a_line_there_is_no_probability() -> None:
    assert np.isnan(over(20.0, np.nan))


def test_quantiles_rise_and_never_fall_below_no_points() -> None:
    values = quantiles(np.array([2.0, 25.0]), np.array([3.5, 8.0]))
    assert values.shape == (2, len(LEVELS))
    assert (np.diff(values, axis=1) >= 0).all()
    assert values.min() >= 0


def test_with_nothing_graded_a_probability_is_nearly_the_markets() -> None:
    start = prior(uses_line=False)
    drawn = start.apply(np.array([0.9, 0.9, 0.52]), np.array([0.5, np.nan, 0.52]))
    assert drawn[:2] == pytest.approx([0.555, 0.555], abs=0.002)
    assert drawn[2] == pytest.approx(0.52)


def _graded(rows: int, truth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Own probabilities, a market of coins, and outcomes as likely as `truth` of the distance says."""
    rng = np.random.default_rng(1)
    own = rng.uniform(0.3, 0.7, rows)
    p = Calibration(truth).apply(own, np.full(rows, 0.5))
    return own, np.full(rows, 0.5), (rng.uniform(size=rows) < p).astype(float)


def test_a_system_that_has_been_right_keeps_its_distance_from_the_market() -> None:
    assert fit(*_graded(20_000, 1.0), uses_line=False).slope == pytest.approx(1.0, abs=0.15)


def test_a_system_that_knows_nothing_loses_it() -> None:
    assert fit(*_graded(20_000, 0.0), uses_line=False).slope < 0.08


def test_few_graded_rows_move_a_calibration_little() -> None:
    assert fit(*_graded(100, 1.0), uses_line=False).slope < 0.25
    assert fit(*_graded(0, 1.0), uses_line=False) == prior(uses_line=False)


def test_weights_move_to_the_member_that_was_right_and_stay_shares() -> None:
    rng = np.random.default_rng(2)
    actual = rng.uniform(5, 30, 9_000)
    means = pd.DataFrame({"good": actual + rng.normal(0, 1, 9_000), "bad": actual + rng.normal(0, 6, 9_000)})
    weights = fit_weights(means, actual, {"good": 0.1, "bad": 0.9})
    assert weights["good"] > 0.6
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-5)
    assert fit_weights(means.iloc[:0], actual[:0], {"bad": 1.0}) == {"good": 0.0, "bad": 1.0}
