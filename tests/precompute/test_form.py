from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from activities.precompute.form import player_form
from shared.clock import season_of
from tests.analytics.raw_frames import hand_frame, hand_player, summaries_of, team_box_scores

D = date(2024, 12, 20)


def _form(
    points: list[int],
    minutes: list[float] | None = None,
    *,
    day: date = D,
    gap: int = 2,
    first: date | None = None,
) -> pd.Series:
    """The form of a player with these games, oldest first, the last `gap` days before `day`."""
    start = first or day - timedelta(days=gap * len(points))
    minutes = minutes or [30.0] * len(points)
    rows = [
        hand_player(start + timedelta(days=gap * n), 1, points=p, minutes=m, fga=10, ftm=min(p, 4), fta=6)
        for n, (p, m) in enumerate(zip(points, minutes, strict=True))
    ]
    players = hand_frame(rows)
    games = summaries_of(players, team_box_scores(players))
    target = pd.DataFrame({
        "player_id": [1], "team_abbr": ["BOS"], "opponent_abbr": ["NYK"],
        "game_date": [pd.Timestamp(day)], "season": [season_of(day)],
    })  # fmt: skip
    return player_form(games["player_games"], games["team_offense"], target).iloc[0]


def test_averages_are_of_the_latest_games() -> None:
    form = _form([100, *range(1, 11)])
    assert form["points_avg_last_5"] == 8.0
    assert form["points_avg_last_10"] == 5.5
    assert form["points_avg_season"] == pytest.approx((100 + 55) / 11)
    assert form["points_std_last_10"] == pytest.approx(np.std(range(1, 11), ddof=1))
    assert form["games_in_sample"] == 10


@pytest.mark.parametrize(
    ("points", "bucket"),
    [
        ([10, 10, 20, 20, 20], 2),
        ([10, 10, 13, 13, 13], 1),
        ([10, 10, 12, 12, 12], 1),
        ([10, 10, 11, 12, 12], 0),
        ([12, 12, 10, 10, 10], -1),
        ([20, 20, 10, 10, 10], -2),
    ],
)
def test_a_rising_player_has_a_positive_trend_and_a_falling_one_a_negative(
    points: list[int], bucket: int
) -> None:
    assert _form(points)["recent_trend"] == bucket


def test_a_trend_needs_five_games() -> None:
    assert np.isnan(_form([10, 20, 30, 40])["recent_trend"])


def test_more_minutes_than_the_season_give_a_positive_change() -> None:
    # Mean of the season 26, of the last five 32: 23 % more.
    assert _form([10] * 10, [20.0] * 5 + [32.0] * 5)["minutes_change"] == 2
    assert _form([10] * 10, [32.0] * 5 + [20.0] * 5)["minutes_change"] == -2
    assert _form([10] * 10)["minutes_change"] == 0


def test_a_game_of_under_half_a_minute_is_no_game() -> None:
    assert _form([10, 10, 10, 0], [30.0, 30.0, 30.0, 0.4])["points_avg_last_5"] == 10.0


def test_points_per_minute_is_the_mean_of_the_games_ratios() -> None:
    assert _form([10, 30], [20.0, 30.0])["ppm_avg_last_10"] == pytest.approx((0.5 + 1.0) / 2)


def test_before_the_first_game_of_a_season_its_average_is_of_the_last_20_games_and_says_so() -> None:
    form = _form([0] * 5 + [10] * 20, day=date(2024, 10, 25), first=date(2024, 2, 1))
    assert form["season_source"] == "last_20"
    assert form["points_avg_season"] == 10.0
    assert form["games_played_season"] == 0


def test_a_season_average_is_of_that_season_only() -> None:
    old = [hand_player(date(2024, 3, 1) + timedelta(days=n), 1, points=30) for n in range(5)]
    new = [hand_player(date(2024, 11, 1) + timedelta(days=n), 1, points=10) for n in range(2)]
    players = hand_frame(old + new)
    games = summaries_of(players, team_box_scores(players))
    target = pd.DataFrame({
        "player_id": [1], "team_abbr": ["BOS"], "opponent_abbr": ["NYK"],
        "game_date": [pd.Timestamp(D)], "season": ["2024-25"],
    })  # fmt: skip
    form = player_form(games["player_games"], games["team_offense"], target).iloc[0]
    assert form["points_avg_season"] == 10.0
    assert form["points_avg_last_10"] == pytest.approx(170 / 7)
    assert form["season_source"] == "season"


def test_a_player_without_games_has_no_averages_rather_than_zeros() -> None:
    form = _form([10, 10], day=date(2024, 12, 20))
    target = pd.DataFrame({
        "player_id": [2], "team_abbr": ["BOS"], "opponent_abbr": ["NYK"],
        "game_date": [pd.Timestamp(D)], "season": ["2024-25"],
    })  # fmt: skip
    players = hand_frame([hand_player(date(2024, 12, 1), 1, points=10)])
    games = summaries_of(players, team_box_scores(players))
    rookie = player_form(games["player_games"], games["team_offense"], target).iloc[0]
    assert form["season_source"] == "season"
    assert rookie["season_source"] == "none"
    assert np.isnan(rookie["points_avg_last_5"])
    assert rookie["games_vs_opponent"] == 0


def test_only_games_against_todays_opponent_count_as_such() -> None:
    rows = [hand_player(date(2024, 12, n), 1, points=20) for n in (1, 3)]
    rows += [hand_player(date(2024, 12, 5), 1, opponent="MIA", points=50)]
    rows += [hand_player(date(2021, 12, 1), 1, points=90)]  # more than three years ago
    players = hand_frame(rows)
    games = summaries_of(players, team_box_scores(players))
    target = pd.DataFrame({
        "player_id": [1], "team_abbr": ["BOS"], "opponent_abbr": ["NYK"],
        "game_date": [pd.Timestamp(D)], "season": ["2024-25"],
    })  # fmt: skip
    form = player_form(games["player_games"], games["team_offense"], target).iloc[0]
    assert form["avg_points_vs_opponent"] == 20.0
    assert form["games_vs_opponent"] == 2
