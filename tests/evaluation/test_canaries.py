"""Each leak canary, with the leak put in and without it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from activities.evaluation import canaries
from activities.precompute import training_features as features_of
from activities.precompute.training_features import training_features
from activities.predictions.systems import SYSTEM_IDS

DAY = date(2025, 1, 20)
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def season() -> Tables:
    """Two teams of eight who meet every other day, points at random."""
    random = np.random.default_rng(3)
    players, offense, defense = [], [], []
    for n in range(30):
        day = pd.Timestamp(DAY) - timedelta(days=2 * (24 - n))
        game = f"{day:%Y%m%d}_LAC_PHX"
        for team, other in (("LAC", "PHX"), ("PHX", "LAC")):
            about = {"game_date": day, "game_id": game, "season": "2024-25", "season_type": "regular"}
            for player in range(8):
                points = int(random.integers(2, 30))
                players.append(
                    {
                        **about, "player_id": player + (100 if team == "PHX" else 0), "team_abbr": team,
                        "opponent_abbr": other, "is_home": team == "PHX", "minutes_played": 28,
                        "points": points, "fgm": points // 2, "fga": points, "fg3m": 0,
                        "fg3a": points // 3, "ftm": points // 4, "fta": points // 4 + 1,
                        "points_in_paint": 2 * (points // 4), "usage_rate": 20.0 + points / 10,
                    }
                )  # fmt: skip
            offense.append(
                {
                    **about,
                    "team_abbr": team,
                    "pace": 100.0 + n,
                    "offensive_rating": 112.0,
                    "is_win": n % 2 == 0,
                }
            )
            defense.append(
                {
                    **about, "team_abbr": team, "defensive_rating": 110.0 + n, "opponent_pace": 99.0,
                    "points_allowed": 110 + n, "opponent_fgm": 40, "opponent_fga": 88 + n,
                    "opponent_fg3m": 12,
                    "opponent_fg3a": 35, "opponent_fta": 20 + n,
                }
            )  # fmt: skip
    return pd.DataFrame(players), pd.DataFrame(offense), pd.DataFrame(defense)


def test_changing_the_box_scores_of_a_day_leaves_its_features_as_they_are(season: Tables) -> None:
    state, detail = canaries.target_day(*season, DAY)
    assert (state, detail["rows"]) == ("pass", 16), detail


def test_who_played_for_under_a_minute_does_not_count_as_played_on_the_changed_day_either(
    season: Tables,
) -> None:
    games, offense, defense = season
    briefly = (games["game_date"] == pd.Timestamp(DAY)) & (games["player_id"] == 3)
    state, detail = canaries.target_day(
        games.assign(minutes_played=games["minutes_played"].mask(briefly, 0)), offense, defense, DAY
    )
    assert (state, detail["rows"]) == ("pass", 15), detail


def test_features_that_see_their_own_day_are_caught_and_named(
    season: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features_of, "cache_rows", _seeing_today(features_of.cache_rows))
    state, detail = canaries.target_day(*season, DAY)
    assert state == "fail"
    assert "points_avg_last_5" in detail["observed"]


def test_features_rebuilt_from_truncated_history_equal_the_stored_ones(season: Tables) -> None:
    rows = training_features(*season, DAY - timedelta(days=10), DAY + timedelta(days=6))
    assert canaries.truncated_history(*season, rows, DAY)[0] == "pass"


def test_stored_features_that_knew_later_games_are_caught(season: Tables) -> None:
    rows = training_features(*season, DAY - timedelta(days=10), DAY + timedelta(days=6))
    rows["points_avg_season"] += 0.01
    assert canaries.truncated_history(*season, rows, DAY)[0] == "fail"


@pytest.fixture(scope="module")
def league() -> Tables:
    """Twenty teams of nine, for as long as a model needs to learn what a man usually scores."""
    random = np.random.default_rng(5)
    usual = random.normal(14, 6, (20, 9)).clip(3)
    players, offense, defense = [], [], []
    for n in range(160):
        day = pd.Timestamp(DAY) - timedelta(days=2 * (120 - n))
        order = random.permutation(20)
        for home, away in zip(order[:10], order[10:], strict=True):
            game = f"{day:%Y%m%d}_T{away}_T{home}"
            for team, other in ((home, away), (away, home)):
                about = {"game_date": day, "game_id": game, "season": "2024-25", "season_type": "regular",
                         "team_abbr": f"T{team}"}  # fmt: skip
                points = random.normal(usual[team], 5).clip(0).round().astype(int)
                players += [
                    {
                        **about, "player_id": int(100 * team + who), "opponent_abbr": f"T{other}",
                        "is_home": team == home, "minutes_played": 28, "points": int(made), "fgm": 5,
                        "fga": 10, "fg3m": 1, "fg3a": 3, "points_in_paint": None, "ftm": 2, "fta": 3,
                        "usage_rate": 20.0,
                    }
                    for who, made in enumerate(points)
                ]  # fmt: skip
                offense.append({**about, "pace": 100.0, "offensive_rating": 112.0, "is_win": team == home})
                defense.append(
                    {
                        **about, "defensive_rating": 110.0, "opponent_pace": 99.0, "points_allowed": 110,
                        "opponent_fgm": 40, "opponent_fga": 88, "opponent_fg3m": 12, "opponent_fg3a": 35,
                        "opponent_fta": 20,
                    }
                )  # fmt: skip
    return pd.DataFrame(players), pd.DataFrame(offense), pd.DataFrame(defense)


def _shuffled(league: Tables, start: date, end: date) -> canaries.Verdict:
    days = training_features(*league, DAY - timedelta(days=400), end)["game_date"]
    return canaries.shuffled_labels(*league, days, start, end)


def test_a_model_taught_on_shuffled_points_knows_nothing(league: Tables) -> None:
    state, detail = _shuffled(league, DAY, DAY + timedelta(days=80))
    assert (state, detail["rows"] >= canaries.LEAST_ROWS) == ("pass", True), detail
    assert detail["low"] < detail["observed"] < detail["high"]
    assert detail["observed"] <= 0


def test_inputs_that_have_seen_their_own_game_give_the_shuffled_model_away(
    league: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features_of, "cache_rows", _seeing_today(features_of.cache_rows))
    state, detail = _shuffled(league, DAY, DAY + timedelta(days=80))
    assert state == "fail"
    assert detail["low"] > 5 * canaries.MOST_SKILL


def test_the_outcome_among_the_inputs_gives_the_shuffled_model_away(
    league: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_outcome(*asked: object) -> pd.DataFrame:
        rows = training_features(*asked)  # type: ignore[arg-type]
        return rows.assign(avg_points_vs_opponent=rows["points"].astype("float64"))

    monkeypatch.setattr(canaries, "training_features", with_outcome)
    state, detail = _shuffled(league, DAY, DAY + timedelta(days=80))
    assert (state, detail["low"] > 0.5) == ("fail", True), detail


def test_a_short_range_is_judged_with_dates_before_it_until_there_are_enough_rows(league: Tables) -> None:
    start, end = DAY + timedelta(days=70), DAY + timedelta(days=80)
    _, detail = _shuffled(league, start, end)
    # 180 player-games a date: the run-in is judged as far as 5,000 of them need, and no date further.
    assert canaries.LEAST_ROWS <= detail["rows"] < canaries.LEAST_ROWS + 180
    assert "not judged" not in detail["text"]


def test_too_few_rows_for_a_shuffle_are_not_judged_and_say_so(season: Tables) -> None:
    state, detail = _shuffled(season, DAY, DAY + timedelta(days=8))
    assert (state, "not judged" in detail["text"]) == ("pass", True), detail


def _judged(rows: int, leak: float) -> pd.DataFrame:
    random = np.random.default_rng(4)
    usual = random.normal(14, 5, rows)
    points = usual + random.normal(0, 6, rows)
    last_5 = usual + random.normal(0, 3, rows) + leak * (points - usual)
    made = {f"{name}.points": points + random.normal(0, 6 if leak == 0 else 3, rows) for name in SYSTEM_IDS}
    return pd.DataFrame({"points": points, "points_avg_last_5": last_5, **made})


def test_a_last_5_that_holds_the_game_itself_is_caught() -> None:
    assert canaries.correlation(_judged(6_000, 0.0))[0] == "pass"
    assert canaries.correlation(_judged(6_000, 0.5))[0] == "fail"


def test_an_error_too_small_to_be_true_is_caught() -> None:
    assert canaries.rotation_mae(_judged(6_000, 0.0))[0] == "pass"
    assert canaries.rotation_mae(_judged(6_000, 0.5))[0] == "fail"


def test_few_rows_are_not_judged_and_say_so() -> None:
    state, detail = canaries.correlation(_judged(400, 0.5))
    assert (state, "not judged" in detail["text"]) == ("pass", True)


def _seeing_today(real):
    """The old defect: averages over games up to and including the day."""

    def leaking(
        player_games: pd.DataFrame, team_offense: pd.DataFrame, targets: pd.DataFrame
    ) -> pd.DataFrame:
        later = targets.assign(game_date=targets["game_date"] + timedelta(days=1))
        return real(player_games, team_offense, later).assign(cache_date=targets["game_date"].to_numpy())

    return leaking
