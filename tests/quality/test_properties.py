"""A gate of the day and the validator of past dates never judge the same rows differently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from activities.exports import FolderExports
from activities.processor import Frames
from activities.quality import analytics, grading, predictions, publishing, raw
from activities.quality.checks import judge
from activities.quality.games import GAME_CHECKS
from activities.quality.mornings import MORNING_CHECKS
from shared.features import FEATURE_VERSION
from tests.predictions.tables import TIP

GATES = (*raw.CHECKS, *analytics.CHECKS, *predictions.CHECKS, *grading.CHECKS)
VALIDATORS = (*GAME_CHECKS, *MORNING_CHECKS)
DAY = pd.Timestamp("2025-11-07")
GAME = "20251107_BOS_NYK"
BEFORE = TIP - pd.Timedelta(hours=9)


def rows(count: int = 1, **values: Any) -> pd.DataFrame:
    """So many rows of a game; a list is one value a row."""
    made = {"game_date": DAY, "game_id": GAME, "player_id": list(range(count)), **values}
    return pd.DataFrame(made, index=range(count))


def box(points: int = 20, count: int = 1, **changes: Any) -> pd.DataFrame:
    made = {"team_abbr": "NYK", "player_name": "x", "fgm": 8, "fg3m": 2, "ftm": 2, "points": points}
    return rows(count, **{**made, **changes})


def team(points: int = 20, **changes: Any) -> pd.DataFrame:
    made = {"team_abbr": ["NYK"], "points": points, "is_complete": True, "incomplete_reason": None}
    return rows(1, **{**made, **changes}).drop(columns="player_id")


def predicted(count: int = 1, **changes: Any) -> pd.DataFrame:
    made = {
        "prediction_id": [f"p{n}" for n in range(count)], "system_id": "moving_average_v1",
        "player_name": "x", "predicted_points": 20.0, "predicted_std": 5.0, "prob_over": 0.5,
        "has_prop_line": True,
        "feature_version": FEATURE_VERSION, "is_active": True, "tip_time": TIP, "as_of": BEFORE,
        "created_at": BEFORE, "player_lookup": "x",
    }  # fmt: skip
    return rows(count, **{**made, **changes})


def graded(off: float, **changes: Any) -> pd.DataFrame:
    made = {
        "prediction_id": "p0", "system_id": "moving_average_v1", "predicted_points": 20.25,
        "actual_points": pd.Series([20], dtype="Int64"), "signed_error": 0.25 + off, "is_void": False,
    }  # fmt: skip
    return rows(1, **{**made, **changes})


def boxes(players: pd.DataFrame, teams: pd.DataFrame | None = None) -> Frames:
    """The same box scores by the names of both."""
    teams = team() if teams is None else teams
    done = pd.DataFrame({"phase_name": ["analytics", "grading"], "status": "completed"})
    return {
        "player_box_scores": players, "players": players, "recent_team_boxes": teams, "teams": teams,
        "next_statuses": done, "final_schedule": rows(0),
    }  # fmt: skip


def final(status: int, *teams: str) -> Frames:
    """A game by the schedule of the day after, and the teams that have a box score of it."""
    games = pd.DataFrame(
        {"game_id": [GAME], "game_date": DAY, "snapshot_date": DAY + pd.Timedelta(days=1)}
    ).assign(game_status=status, is_postponed=False)
    stored = pd.concat([team(team_abbr=[abbr]) for abbr in teams])
    return {**boxes(box(), stored), "schedule": games, "final_schedule": games}


def summaries(players: pd.DataFrame, usage: float = 20.0) -> Frames:
    made = players.assign(usage_rate=usage)
    return {**boxes(box()), "box_score_keys": box(), "player_games": made, "player_summaries": made}


def made(predictions: pd.DataFrame) -> Frames:
    slate = pd.DataFrame({"game_id": [GAME], "is_postponed": False})
    return {
        "staged": predictions, "predictions": predictions, "slate": slate, "upcoming_players": rows(1),
    }  # fmt: skip


def gradings(results: pd.DataFrame) -> Frames:
    return {**boxes(box()), "results": results, "predictions": predicted()}


AFTER, WIDE = TIP + pd.Timedelta(seconds=1), [float(n) for n in range(30)]
EDGES: list[tuple[str, str, Frames, bool]] = [
    ("points_identity", "points_are_2_fgm_3pm_ftm", boxes(box(20)), True),
    ("points_identity", "points_are_2_fgm_3pm_ftm", boxes(box(21)), False),
    ("players_sum_to_the_team", "player_points_add_up_to_the_team_s", boxes(box(), team(20)), True),
    ("players_sum_to_the_team", "player_points_add_up_to_the_team_s", boxes(box(), team(21)), False),
    (
        "players_sum_to_the_team", "player_points_add_up_to_the_team_s",
        boxes(box(), team(21, is_complete=False)), True,
    ),
    ("unique_player_and_date", "a_player_plays_once_a_date", boxes(box(count=2)), True),
    ("unique_player_and_date", "a_player_plays_once_a_date", boxes(box(count=2, player_id=7)), False),
    ("every_final_game_has_a_box_score", "final_games_have_box_scores", final(3, "NYK", "BOS"), True),
    ("every_final_game_has_a_box_score", "final_games_have_box_scores", final(3, "NYK"), False),
    ("box_scores_are_complete", "box_scores_are_complete", boxes(box(), team(is_complete=False)), False),
    ("usage_within_bounds", "usage_is_within_0_and_100", summaries(box(), 100.0), True),
    ("usage_within_bounds", "usage_is_within_0_and_100", summaries(box(), float("nan")), True),
    ("usage_within_bounds", "usage_is_within_0_and_100", summaries(box(), 100.1), False),
    ("every_box_score_row_is_summarised", "every_player_game_is_summarised", summaries(box()), True),
    (
        "every_box_score_row_is_summarised", "every_player_game_is_summarised",
        summaries(box(player_id=8)), False,
    ),
    ("predicted_points_within_bounds", "predicted_points_are_within_bounds", made(predicted()), True),
    (
        "predicted_points_within_bounds", "predicted_points_are_within_bounds",
        made(predicted(predicted_points=60.0)), True,
    ),
    (
        "predicted_points_within_bounds", "predicted_points_are_within_bounds",
        made(predicted(predicted_points=60.01)), False,
    ),
    (
        "predicted_points_within_bounds", "probabilities_are_probabilities",
        made(predicted(prob_over=1.01)), False,
    ),
    ("predicted_points_vary", "predicted_points_differ", made(predicted(30, predicted_points=WIDE)), True),
    (
        "predicted_points_vary", "predicted_points_differ",
        made(predicted(30, predicted_points=[10 + n / 50 for n in range(30)])), False,
    ),
    ("prediction_feature_version", "predictions_are_of_the_version_in_force", made(predicted()), True),
    (
        "prediction_feature_version", "predictions_are_of_the_version_in_force",
        made(predicted(feature_version="v1")), False,
    ),
    ("created_before_tip_off", "predictions_were_made_before_tip_off", made(predicted()), True),
    (
        "created_before_tip_off", "predictions_were_made_before_tip_off",
        made(predicted(created_at=AFTER)), False,
    ),
    ("every_prediction_is_graded", "every_active_prediction_is_graded", gradings(graded(0.0)), True),
    (
        "every_prediction_is_graded", "every_active_prediction_is_graded",
        gradings(graded(0.0, prediction_id="other")), False,
    ),
    ("errors_are_predicted_less_actual", "errors_are_predicted_less_actual", gradings(graded(0.005)), True),
    ("errors_are_predicted_less_actual", "errors_are_predicted_less_actual", gradings(graded(0.01)), False),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "validator", "frames", "sound"), EDGES)
def test_a_gate_and_the_validator_judge_alike(
    gate: str, validator: str, frames: Frames, sound: bool, tmp_path: Path
) -> None:
    unpublished = publishing.checks_of(FolderExports(tmp_path), BEFORE.to_pydatetime())
    by_name = {check.name: check for check in (*GATES, *unpublished)}
    found = [
        judge(by_name[gate], frames),
        judge({c.name: c for c in VALIDATORS}[validator], frames),
    ]
    assert [outcome.status in ("fail", "warn") for outcome in found] == [not sound] * 2, found
    assert "skipped" not in {outcome.status for outcome in found}
