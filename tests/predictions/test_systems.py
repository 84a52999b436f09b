"""What the systems compute."""

from __future__ import annotations

import pandas as pd
import pytest

from activities.predictions.systems import SYSTEM_IDS
from activities.predictions.systems.moving_average import MovingAverage
from shared.features import FEATURE_NAMES
from tests.predictions.tables import vector


def moving(**values: float) -> float:
    row = pd.DataFrame([vector(**values)], columns=list(FEATURE_NAMES))
    return float(MovingAverage().predict(row)["predicted_points"].iloc[0])


def test_two_systems_have_names() -> None:
    assert SYSTEM_IDS == ("moving_average_v1", "xgboost_v1")


def test_the_moving_average_follows_its_formula() -> None:
    # 0.5 x 24 + 0.3 x 23 + 0.2 x 22 = 23.3, half a point for the home court
    assert moving() == pytest.approx(23.8)
    assert moving(pace_score=2, shot_zone_mismatch_score=-1, usage_spike_score=1) == pytest.approx(24.5)


def test_a_fatigue_score_of_100_is_fresh_and_costs_nothing() -> None:
    assert moving(fatigue_score=100) == moving(fatigue_score=60)
    assert moving(fatigue_score=40) == pytest.approx(moving(fatigue_score=100) - 1.0)
    assert moving(fatigue_score=20) == pytest.approx(moving(fatigue_score=100) - 2.5)


def test_predictions_stay_between_0_and_60() -> None:
    assert moving(points_avg_last_5=100, points_avg_last_10=100, points_avg_season=100) == 60.0
    assert moving(points_avg_last_5=0, points_avg_last_10=0, points_avg_season=0, home_away=0) == 0.0


def test_the_spread_has_a_floor() -> None:
    row = pd.DataFrame([vector(points_std_last_10=0.0)], columns=list(FEATURE_NAMES))
    assert MovingAverage().predict(row)["predicted_std"].iloc[0] > 5
