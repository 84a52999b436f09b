"""Predictions against what happened."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from activities.grading import prediction_results, system_daily_performance
from tests.predictions.tables import (
    DAY,
    GAME,
    TIP,
    context,
    fits,
    frame,
    predictions,
    prop_row,
    silent,
    upcoming_row,
)  # fmt: skip

PGS = "nba_analytics.player_game_summary"
BOX = "nba_raw.team_box_scores"
SCHEDULE = "nba_raw.schedule"


def played(player: int, points: int, minutes: int = 30) -> dict[str, Any]:
    return {"game_id": GAME, "player_id": player, "points": points, "minutes_played": minutes}


def box(team: str, complete: bool = True) -> dict[str, Any]:
    return {"game_date": pd.Timestamp(DAY), "game_id": GAME, "team_abbr": team, "is_complete": complete}


def scheduled(game: str = GAME, postponed: bool = False) -> dict[str, Any]:
    return {"game_id": game, "game_date": pd.Timestamp(DAY), "is_postponed": postponed}


def grade(
    made: pd.DataFrame,
    games: list[dict[str, Any]],
    boxes: tuple[dict[str, Any], ...] = (box("LAC"), box("PHX")),
    schedule: tuple[dict[str, Any], ...] = (scheduled(),),
) -> pd.DataFrame:
    empty = frame(PGS, [])[["game_id", "player_id", "points", "minutes_played"]]
    frames = {
        "predictions": made, "player_games": frame(PGS, games) if games else empty,
        "team_box_scores": frame(BOX, list(boxes)), "schedule": frame(SCHEDULE, list(schedule)),
    }  # fmt: skip
    rows = prediction_results.process(context(), frames, silent).frame
    assert rows.empty or fits(rows, "nba_predictions.prediction_results")
    return rows


def bet(side: str, line: float = 24.5, **changes: Any) -> pd.DataFrame:
    return predictions([upcoming_row(1, line=line)], [prop_row(1, line=line)], recommendation=side, **changes)


def test_a_recommendation_is_right_or_wrong_by_its_own_line() -> None:
    row = grade(bet("OVER"), [played(1, 25)]).iloc[0]
    assert (row["outcome"], row["prediction_correct"]) == ("over", True)
    assert (row["points_line"], row["over_price"], row["sportsbook"]) == (24.5, 1.87, "fanduel")
    assert row["signed_error"] == pytest.approx(row["predicted_points"] - 25)
    assert not grade(bet("UNDER"), [played(1, 25)]).iloc[0]["prediction_correct"]


def test_a_push_is_neither_right_nor_wrong() -> None:
    row = grade(bet("OVER", line=25.0), [played(1, 25)]).iloc[0]
    assert (row["outcome"], row["is_void"], row["actual_points"]) == ("push", False, 25)
    assert pd.isna(row["prediction_correct"])


def test_a_pass_is_graded_for_error_but_not_for_correctness() -> None:
    row = grade(bet("PASS"), [played(1, 20)]).iloc[0]
    assert (row["outcome"], row["absolute_error"]) == ("under", pytest.approx(abs(row["signed_error"])))
    assert pd.isna(row["prediction_correct"])


def test_a_player_who_did_not_play_is_void_not_a_loss() -> None:
    row = grade(bet("OVER"), [played(2, 10)]).iloc[0]
    assert (row["outcome"], row["void_reason"]) == ("void", "did_not_play")
    assert pd.isna(row["actual_points"])
    assert pd.isna(row["prediction_correct"])


def test_a_player_who_appeared_for_seconds_is_graded() -> None:
    row = grade(bet("UNDER"), [played(1, 0, minutes=0)]).iloc[0]
    assert (row["outcome"], row["prediction_correct"]) == ("under", True)


def test_a_postponed_game_is_void() -> None:
    marked = grade(bet("OVER"), [], (), (scheduled(postponed=True),))
    moved = grade(bet("OVER"), [], (), (scheduled("20251107_BOS_NYK"),))
    assert list(marked["void_reason"]) == list(moved["void_reason"]) == ["postponed"]


def test_a_game_without_a_complete_box_score_waits() -> None:
    for boxes in ((), (box("LAC"),), (box("LAC"), box("PHX", complete=False))):
        assert grade(bet("OVER"), [played(1, 25)], boxes).iloc[0]["void_reason"] == "no_box_score"


def test_what_was_made_after_tip_off_is_no_prediction() -> None:
    for late in ({"created_at": TIP}, {"as_of": TIP}):
        assert grade(bet("OVER", **late), [played(1, 25)]).iloc[0]["void_reason"] == "created_after_tip"


def test_a_prediction_without_a_line_keeps_its_error_and_has_no_verdict() -> None:
    row = grade(predictions([upcoming_row(1, line=None)]), [played(1, 20)]).iloc[0]
    assert (row["outcome"], row["is_void"], row["actual_points"]) == ("no_line", False, 20)
    assert row["signed_error"] == pytest.approx(row["predicted_points"] - 20)
    assert pd.isna(row["prediction_correct"])


def test_a_void_prediction_keeps_line_price_and_book_but_has_no_error() -> None:
    row = grade(bet("OVER"), []).iloc[0]
    assert (row["points_line"], row["over_price"], row["sportsbook"]) == (24.5, 1.87, "fanduel")
    assert row["line_last_update"] == pd.Timestamp("2025-11-07T17:30:00Z")
    assert pd.isna(row["signed_error"])


def test_a_game_that_was_played_is_graded_whatever_an_old_schedule_says() -> None:
    row = grade(bet("OVER"), [played(1, 25)], schedule=(scheduled(postponed=True),)).iloc[0]
    assert (row["outcome"], row["void_reason"]) == ("over", None)


def test_superseded_predictions_are_not_graded() -> None:
    assert grade(bet("OVER", is_active=False), [played(1, 25)]).empty


def test_a_date_without_predictions_has_no_results_and_no_performance() -> None:
    rows = grade(bet("OVER").iloc[:0], [played(1, 25)])
    assert rows.empty
    output = system_daily_performance.process(context(), {"results": rows}, silent)
    assert output.frame.empty
    assert output.partitions == (DAY,)


def test_a_systems_day_adds_up() -> None:
    upcoming = [upcoming_row(1), upcoming_row(2), upcoming_row(3, line=25.0), upcoming_row(4, line=None)]
    made = predictions(
        [*upcoming, upcoming_row(5)], [prop_row(n, line=25.0 if n == 3 else 24.5) for n in (1, 2, 3, 5)]
    )
    made["recommendation"] = ["OVER", "UNDER", "OVER", "NO_LINE", "OVER"]
    made["predicted_points"] = 23.8
    results = grade(made, [played(1, 30), played(2, 30), played(3, 25), played(4, 10)])
    rows = system_daily_performance.process(context(), {"results": results}, silent).frame
    assert fits(rows, "nba_predictions.system_daily_performance")
    row = rows.iloc[0]
    counts = ["predictions", "graded", "voids", "pushes", "recommendations", "correct", "lined"]
    assert [row[c] for c in counts] == [5, 4, 1, 1, 4, 1, 3]
    assert row["hit_rate"] == 0.5
    assert row["line_mae"] == pytest.approx((5.5 + 5.5 + 0) / 3, abs=1e-6)
    assert row["lined_mae"] == pytest.approx((6.2 + 6.2 + 1.2) / 3, abs=1e-6)
    assert row["mae"] == pytest.approx((6.2 + 6.2 + 1.2 + 13.8) / 4, abs=1e-6)
    assert row["bias"] == pytest.approx((-6.2 - 6.2 - 1.2 + 13.8) / 4, abs=1e-6)
    over = made.loc[made["player_id"].isin([1, 2]), "prob_over"]
    assert row["brier"] == pytest.approx(((over - 1) ** 2).mean(), abs=1e-6)
