from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from activities.precompute.factors import (
    fatigue_score,
    pace_score,
    rest_advantage,
    shot_zone_mismatch,
    star_teammates_out,
    usage_spike_score,
)
from activities.precompute.zones import (
    paint_share_by_makes,
    paint_share_of_twos,
    player_zones,
    primary_zone,
    team_zones,
)
from tests.analytics.raw_frames import hand_frame, hand_player


def _load(**values: object) -> pd.DataFrame:
    usual = {
        "days_rest": 1, "is_back_to_back": False, "games_in_last_7_days": 3, "minutes_in_last_7_days": 90,
        "avg_minutes_last_7_games": 30.0, "back_to_backs_last_14_days": 0,
    }  # fmt: skip
    return pd.DataFrame([{**usual, **values}]).astype({"days_rest": "Int64"})


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ({}, 100.0),
        ({"days_rest": 0, "is_back_to_back": True}, 85.0),
        ({"games_in_last_7_days": 4}, 90.0),
        ({"games_in_last_7_days": 4, "days_rest": 3}, 95.0),
        ({"days_rest": None, "avg_minutes_last_7_games": None}, 100.0),
        ({"back_to_backs_last_14_days": 1}, 95.0),
        (
            {"days_rest": 0, "is_back_to_back": True, "games_in_last_7_days": 5,
             "minutes_in_last_7_days": 250, "avg_minutes_last_7_games": 36.0,
             "back_to_backs_last_14_days": 2},
            45.0,
        ),
    ],
)  # fmt: skip
def test_fatigue_is_the_score_with_100_fresh_not_an_adjustment(
    values: dict[str, object], score: float
) -> None:
    assert fatigue_score(_load(**values)).tolist() == [score]


def test_a_faster_opponent_favours_the_player_up_to_three_possessions() -> None:
    scores = pace_score(np.array([102.0, 96.0, 120.0, np.nan]), np.array([100.0, 100.0, 100.0, 100.0]))
    assert scores[:3].tolist() == [1.0, -2.0, 3.0]
    assert np.isnan(scores[3])


def test_usage_returns_to_the_seasons_and_a_star_out_adds_to_a_rise_only() -> None:
    season, last_7 = np.array([24.0, 24.0, 20.0]), np.array([20.0, 20.0, 24.0])
    scores = usage_spike_score(season, last_7, np.array([0, 2, 2]))
    assert scores.tolist() == pytest.approx([1.2, 1.56, -1.2])


def test_a_weak_defence_where_he_shoots_favours_him() -> None:
    shots = pd.DataFrame({
        "two_pt_rate": [40.0, 60.0, np.nan], "three_pt_rate": [60.0, 40.0, np.nan],
        "primary_scoring_zone": ["perimeter", "paint", "balanced"],
    })  # fmt: skip
    defense = pd.DataFrame({"two_pt_vs_league_avg": [-2.0] * 3, "three_pt_vs_league_avg": [6.0] * 3})
    scores = shot_zone_mismatch(shots, defense)
    assert scores[:2].tolist() == pytest.approx([6.0 * 1.2, -2.0])
    assert np.isnan(scores[2])


def test_a_long_rest_counts_two_days_and_only_a_player_without_a_game_has_none() -> None:
    played = pd.Timestamp("2024-04-01")
    rows = [
        (5, 1, played, 2.0),
        (0, 1, played, -1.0),
        (None, 1, played, 2.0),  # returns after a year
        (1, None, played, -2.0),  # the opponent's first game of the season
        (None, None, played, 0.0),  # opening night
        (70, None, played, 0.0),
        (None, 1, None, None),  # never played
    ]
    context = pd.DataFrame(
        [row[:3] for row in rows], columns=["days_rest", "opponent_days_rest", "last_game_date"]
    ).astype({"days_rest": "Int64", "opponent_days_rest": "Int64", "last_game_date": "datetime64[us]"})
    advantage = rest_advantage(context)
    assert [None if np.isnan(a) else a for a in advantage.tolist()] == [row[3] for row in rows]


def test_a_star_counts_for_his_teammates_not_for_himself() -> None:
    context = pd.DataFrame({
        "game_date": pd.Timestamp("2024-12-01"), "team_abbr": ["BOS", "BOS", "BOS", "NYK"],
        "injury_status": ["out", "available", "out", "available"],
        "avg_minutes_last_7_games": [34.0, 30.0, 12.0, 35.0], "games_in_last_14_days": [3, 5, 5, 5],
    })  # fmt: skip
    assert star_teammates_out(context).tolist() == [0, 1, 1, 0]


def test_the_three_zones_are_all_of_a_players_shots() -> None:
    two = np.array([0.2, 0.6, 1.0])
    paint = two * paint_share_of_twos(np.array([0.0, 0.25, 2.0]))
    mid = two - paint
    assert (paint + mid + (1 - two)).tolist() == [1.0, 1.0, 1.0]
    assert (paint / two).tolist() == pytest.approx([0.625, 0.75, 0.95])
    assert primary_zone(paint, mid, 1 - two).tolist() == ["perimeter", "paint", "paint"]


def test_where_he_made_them_tells_where_he_shot_them_from() -> None:
    two = np.array([10, 10, 10])
    found = paint_share_by_makes(np.array([0, 5, 10]), two)
    # Of five makes each more attempts were from mid-range, where fewer go in.
    assert found.tolist() == pytest.approx([0.0, 0.42, 1.0])
    assert np.isnan(paint_share_by_makes(np.array([0]), np.array([0])))


def _zones(in_paint: list[int | None]) -> pd.Series:
    """A shooter of 6 of 10 twos, 1 of 4 threes and 4 free throws in each game, with these paint points."""
    start = date(2024, 11, 1)
    games = hand_frame(
        [
            hand_player(
                start + timedelta(days=2 * n), 1, points=19, fgm=7, fga=14, fg3m=1, fg3a=4, ftm=4, fta=4,
                points_in_paint=paint,
            )
            for n, paint in enumerate(in_paint)
        ]
    ).assign(minutes_played=24)  # fmt: skip
    day = pd.Timestamp(start + timedelta(days=60))
    return player_zones(games, pd.DataFrame({"player_id": [1], "game_date": [day]})).iloc[0]


def test_points_in_the_paint_take_the_place_of_the_free_throw_rate() -> None:
    inside, outside = _zones([12] * 10), _zones([0] * 10)
    assert inside["zone_source"] == outside["zone_source"] == "points_in_paint"
    assert (inside["pct_paint"], outside["pct_paint"]) == pytest.approx((10 / 14, 0.0))
    assert outside["pct_mid_range"] == pytest.approx(10 / 14)
    assert inside["primary_scoring_zone"] == "paint"
    assert outside["primary_scoring_zone"] == "mid_range"
    assert inside["is_proxy"]


def test_a_window_that_lacks_points_in_the_paint_of_one_game_uses_none() -> None:
    known = _zones([None] * 10)
    mixed = _zones([12] * 9 + [None])
    assert mixed["zone_source"] == known["zone_source"] == "free_throw_rate"
    assert mixed["pct_paint"] == known["pct_paint"]
    assert _zones([None] * 5 + [12] * 10)["zone_source"] == "points_in_paint", "older games are outside"


def test_a_defence_that_allows_more_than_the_league_is_positive() -> None:
    day = pd.Timestamp("2024-12-01")
    stats = {
        "season_type": "regular",
        "opponent_fta": 20,
        "defensive_rating": 110.0,
        "opponent_pace": 100.0,
        "points_allowed": 110,
    }
    games = pd.DataFrame([
        {"team_abbr": "BOS", "game_date": day, "season": "2024-25", "opponent_fgm": 40, "opponent_fga": 80,
         "opponent_fg3m": 10, "opponent_fg3a": 30, **stats},
        {"team_abbr": "NYK", "game_date": day, "season": "2024-25", "opponent_fgm": 40, "opponent_fga": 80,
         "opponent_fg3m": 16, "opponent_fg3a": 30, **stats},
    ])  # fmt: skip
    targets = pd.DataFrame({"team_abbr": ["BOS", "NYK"], "game_date": day + pd.Timedelta(days=1)})
    zones = team_zones(games, targets)
    # Twos: 30/50 and 24/50 against 54/100; threes: 10/30 and 16/30 against 26/60.
    assert zones["two_pt_vs_league_avg"].tolist() == pytest.approx([6.0, -6.0])
    assert zones["three_pt_vs_league_avg"].tolist() == pytest.approx([-10.0, 10.0])
    assert zones["weakest_zone"].tolist() == ["two_pt", "three_pt"]
