"""What the systems compute."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from activities.predictions.systems import SYSTEM_IDS
from activities.predictions.systems.ensemble import Ensemble
from activities.predictions.systems.moving_average import MovingAverage
from activities.predictions.systems.similarity import Similarity
from activities.predictions.systems.zone_matchup import ZoneMatchup
from tests.predictions.tables import inputs_row


def mean_of(system: object, **values: float) -> float:
    return float(system.predict(inputs_row(**values), {})["predicted_mean"].iloc[0])  # type: ignore[attr-defined]


def moving(**values: float) -> float:
    return mean_of(MovingAverage(), **values)


def test_five_systems_have_names_and_the_ensemble_comes_last() -> None:
    assert SYSTEM_IDS == (
        "moving_average_v1", "zone_matchup_v1", "similarity_v1", "xgboost_v1", "ensemble_v1",
    )  # fmt: skip


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


def test_the_spread_has_a_floor_and_the_median_lies_below_the_mean() -> None:
    row = MovingAverage().predict(inputs_row(points_std_last_10=0.0), {}).iloc[0]
    assert row["predicted_std"] > 5
    assert 0 < row["predicted_mean"] - row["predicted_points"] < 1


def test_contributions_add_up_to_the_mean() -> None:
    row = MovingAverage().predict(inputs_row(), {}).iloc[0]
    assert sum(json.loads(row["contributions"]).values()) == pytest.approx(row["predicted_mean"], abs=0.02)


def test_a_defence_that_is_weak_where_he_shoots_raises_the_zone_matchup() -> None:
    # Usual points (22 + 22.5) / 2 = 22.25, home +0.8; a share of 0.39 x 2 % x 1.1 of them is 0.19.
    assert mean_of(ZoneMatchup()) == pytest.approx(23.05)
    assert mean_of(ZoneMatchup(), three_pt_vs_league_avg=2.0) == pytest.approx(23.24)
    assert mean_of(ZoneMatchup(), three_pt_vs_league_avg=np.nan) == pytest.approx(23.05)


def test_similar_games_move_his_average_by_what_their_number_is_worth() -> None:
    # 22.5 + 1.5 x 10 / 30
    assert mean_of(Similarity()) == pytest.approx(23.0)
    assert mean_of(Similarity(), similar_games=4) == pytest.approx(22.5)


def _members(**means: float) -> dict[str, pd.DataFrame]:
    names = ("moving_average_v1", "zone_matchup_v1", "similarity_v1", "xgboost_v1")
    return {
        name: pd.DataFrame(
            {
                "predicted_mean": [means.get(name, 20.0)],
                "predicted_points": [means.get(name, 20.0) - 0.3],
                "predicted_std": [6.0],
            }
        )
        for name in names
    }


def test_the_ensemble_weighs_the_market_and_does_without_it_where_there_is_no_line() -> None:
    members = _members(xgboost_v1=25.0)
    lined = Ensemble({}).predict(inputs_row(market_points=20.0), members).iloc[0]
    # 0.8 x (20 + 0.3) + 0.2 x 25
    assert lined["predicted_mean"] == pytest.approx(21.24)
    bare = Ensemble({}).predict(inputs_row(), members).iloc[0]
    assert bare["predicted_mean"] == pytest.approx(0.9 * 25 + 0.1 * 20)


def test_weights_that_were_fitted_are_used_instead() -> None:
    fitted = {"without_line": {"similarity_v1": 1.0}}
    row = Ensemble(fitted).predict(inputs_row(), _members(xgboost_v1=25.0)).iloc[0]
    assert row["predicted_mean"] == pytest.approx(20.0)
