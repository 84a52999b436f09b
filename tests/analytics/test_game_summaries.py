from datetime import date

import numpy as np
import pandas as pd
import pytest

from activities.analytics import player_game_summary, team_offense_game_summary
from activities.analytics.box_math import overtime_periods, round_half_up
from tests.analytics.raw_frames import (
    hand_frame,
    hand_player,
    needs_data,
    raw_season,
    run,
    summaries,
    summaries_of,
    team_box_scores,
)

DAY = date(2024, 12, 2)


def _game(length: float = 48.0, **first: object) -> pd.DataFrame:
    """Two teams of five who play `length` minutes each; the first player of BOS is as given."""
    away = {"game_id": "20241202_NYK_BOS", "is_home": False}
    shots = {"minutes": length, "fga": 15, "fgm": 10, "points": 20, "turnovers": 3}
    return hand_frame(
        [hand_player(DAY, 1, **{**shots, **first})]
        + [hand_player(DAY, n, **shots) for n in range(2, 6)]
        + [hand_player(DAY, n, "NYK", "BOS", **{**shots, **away}) for n in range(11, 16)]
    )


def _summaries(players: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return summaries_of(players, team_box_scores(players))


@pytest.mark.parametrize(
    ("minutes", "whole"), [(29.5, 30), (29.49, 29), (30.5, 31), (0.49, 0), (0.5, 1), (34.73, 35)]
)
def test_half_a_minute_is_rounded_up(minutes: float, whole: int) -> None:
    assert round_half_up(pd.Series([minutes])).tolist() == [whole]


@pytest.mark.parametrize(
    ("total", "periods"), [(240, 0), (238, 0), (243, 0), (264, 1), (266, 1), (290, 2), (180, 0)]
)
def test_overtime_is_read_from_the_teams_minutes_in_spite_of_rounding(total: int, periods: int) -> None:
    assert overtime_periods(pd.Series([total])).tolist() == [periods]


def test_pace_counts_an_overtime_games_own_length() -> None:
    offense = _summaries(_game(53.0))["team_offense"].set_index("team_abbr").loc["BOS"]
    # 5 x (15 + 3) = 90 possessions in 53 minutes.
    assert offense["possessions"] == 90.0
    assert offense["overtime_periods"] == 1
    assert offense["game_minutes"] == 53
    assert offense["pace"] == 90.0 * 48.0 / 53.0
    assert offense["offensive_rating"] == pytest.approx(100 * 100 / 90)


def test_the_opponents_pace_counts_the_overtime_too() -> None:
    defense = _summaries(_game(53.0))["team_defense"].set_index("team_abbr").loc["BOS"]
    assert defense["opponent_pace"] == 90.0 * 48.0 / 53.0


def test_usage_counts_the_real_length_of_an_overtime_game() -> None:
    players = _summaries(_game(53.0))["player_games"].set_index("player_id")
    # He plays all 53 minutes and has a fifth of the plays: 20 %, not the 18.1 % of 48 minutes.
    assert players.loc[1, "usage_rate"] == pytest.approx(20.0)
    assert players.loc[1, "minutes_played"] == 53


def test_usage_in_regulation_is_the_textbooks() -> None:
    substitute = hand_frame([hand_player(DAY, 6, minutes=24.0)])
    players = pd.concat([_game(48.0, minutes=24.0, fta=10), substitute], ignore_index=True)
    usage = _summaries(players)["player_games"].set_index("player_id").loc[1, "usage_rate"]
    assert usage == pytest.approx(100 * (15 + 4.4 + 3) * 48 / (24 * (75 + 4.4 + 15)))


def test_usage_is_null_without_a_team_row() -> None:
    players = _game()
    teams = team_box_scores(players)
    output = run(
        player_game_summary.process, DAY,
        {"player_box_scores": players, "team_box_scores": teams.loc[teams["team_abbr"] != "BOS"]}, [DAY],
    )  # fmt: skip
    boston = output.frame.loc[output.frame["team_abbr"] == "BOS"]
    assert boston["usage_rate"].isna().all()
    assert not boston["is_team_complete"].any()
    assert boston["is_win"].isna().all()
    assert output.warnings == ("20241202_NYK_BOS: no team row for some players, so no usage",)


def test_usage_is_null_where_the_team_lacks_players() -> None:
    players = _game()
    teams = team_box_scores(players).assign(is_complete=False)
    frames = {"player_box_scores": players, "team_box_scores": teams}
    frame = run(player_game_summary.process, DAY, frames, [DAY]).frame
    assert frame["usage_rate"].isna().all()
    assert frame["points"].sum() == 200


def test_usage_is_null_without_a_whole_minute() -> None:
    players = _summaries(_game(48.0, minutes=0.4))["player_games"].set_index("player_id")
    assert players.loc[1, "minutes_played"] == 0
    assert np.isnan(players.loc[1, "usage_rate"])


def test_a_game_with_one_team_is_left_out_and_named() -> None:
    teams = team_box_scores(_game())
    output = run(team_offense_game_summary.process, DAY, {"team_box_scores": teams.iloc[:1]}, [DAY])
    assert output.frame.empty
    assert output.warnings == ("20241202_NYK_BOS: only one team has a box score",)


def test_a_scope_without_games_replaces_its_partition_with_nothing() -> None:
    players = _game().iloc[:0]
    frames = {"player_box_scores": players, "team_box_scores": team_box_scores(_game()).iloc[:0]}
    output = run(player_game_summary.process, DAY, frames, [DAY])
    assert output.frame.empty
    assert output.partitions == (DAY,)


@needs_data
def test_a_recorded_season_gives_plausible_games() -> None:
    made = summaries("2024-25")
    offense, games = made["team_offense"], made["player_games"]
    assert len(offense) == len(made["team_defense"]) == 2 * 1_230
    assert offense["overtime_periods"].groupby(offense["game_id"]).nunique().max() == 1
    assert (offense.drop_duplicates("game_id")["overtime_periods"] > 0).mean() == pytest.approx(
        0.05, abs=0.02
    )
    assert offense["pace"].mean() == pytest.approx(99.5, abs=2.0)
    assert games["points"].sum() == offense["points"].sum()
    rotation = games.loc[games["minutes_played"] >= 10, "usage_rate"]
    assert rotation.isna().mean() < 0.001
    assert rotation.mean() == pytest.approx(20.0, abs=1.5)
    assert games["usage_rate"].max() <= 100


@needs_data
def test_a_month_at_once_equals_its_days_one_by_one() -> None:
    players, teams = raw_season("2024-25")
    days = [date(2024, 11, n) for n in range(1, 8)]
    first, last = pd.Timestamp(days[0]), pd.Timestamp(days[-1])

    def of(start: pd.Timestamp, end: pd.Timestamp) -> dict[str, pd.DataFrame]:
        return {
            "player_box_scores": players.loc[players["game_date"].between(start, end)],
            "team_box_scores": teams.loc[teams["game_date"].between(start, end)],
        }

    for process in (player_game_summary.process, team_offense_game_summary.process):
        at_once = run(process, days[-1], of(first, last), days).frame
        daily = [run(process, d, of(pd.Timestamp(d), pd.Timestamp(d)), [d]).frame for d in days]
        pd.testing.assert_frame_equal(at_once, pd.concat(daily, ignore_index=True), check_exact=True)
