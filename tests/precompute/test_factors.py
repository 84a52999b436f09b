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
from activities.precompute.zones import paint_share_of_twos, primary_zone, team_zones


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
