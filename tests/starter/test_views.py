"""Tables in 80 columns, outcomes, and the status read from the warehouse."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from shared.errors import BadRequest
from shared.messages import Blocker, DayReport, DayStatus, PhaseState, PhaseStatus, ProcessorStatus
from shared.recorded_status import report_from_rows
from starter.demo_clock import Seasons, can_grade, check_day, default_day
from starter.predictions_view import by_player, outcome_summary, outcomes_table, predictions_table
from starter.status_view import day_view, exit_code

DAY = date(2025, 11, 7)


def prediction(player, system, line, points, **more):
    return {
        "player_id": player, "player_name": f"Player {player}", "team_abbr": "LAC", "opponent_abbr": "PHX",
        "is_home": True, "system_id": system, "points_line": line, "predicted_points": points,
        "prob_over": None if line is None else 0.45, "recommendation": "NO_LINE" if line is None else "PASS",
        "reason": "the edge of 0.4 points is below the threshold", "prediction_id": f"{player}-{system}",
        **more,
    }  # fmt: skip


def outcome(row, actual, **more):
    error = None if actual is None else row["predicted_points"] - actual
    return {
        "prediction_id": row["prediction_id"], "system_id": row["system_id"], "actual_points": actual,
        "signed_error": error, "absolute_error": None if error is None else abs(error), "outcome": "over",
        "prediction_correct": None, "void_reason": None, **more,
    }  # fmt: skip


ROWS = [
    prediction(1, "moving_average", 24.5, 23.0), prediction(1, "xgboost_v1", 24.5, 25.0),
    prediction(2, "moving_average", None, 7.0), prediction(3, "moving_average", 30.5, 28.0),
]  # fmt: skip


def shown(renderable):
    console = Console(file=io.StringIO(), width=80)
    console.print(renderable)
    text = console.file.getvalue()
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    return text


def test_players_are_side_by_side_highest_line_first_and_without_a_line_last():
    lines = by_player(ROWS)
    assert [entry.player for entry in lines] == ["Player 3", "Player 1", "Player 2"]
    assert lines[1].leading["system_id"] == "xgboost_v1"
    text = shown(predictions_table(lines, "Predictions"))
    row = next(line for line in text.splitlines() if "Player 1" in line)
    assert all(part in row for part in ("LAC v PHX", "24.5", "23.0", "25.0", "0.45", "PASS"))


def test_outcome_and_error_stand_beside_each_prediction():
    results = [outcome(ROWS[0], 26), outcome(ROWS[1], 26), outcome(ROWS[3], None, void_reason="did_not_play")]
    text = shown(outcomes_table(by_player(ROWS, results), "Outcomes"))
    row = next(line for line in text.splitlines() if "Player 1" in line)
    assert "23.0  -3.0" in row
    assert "25.0  -1.0" in row
    assert "26" in row
    assert "did_not_play" in text
    assert outcome_summary(results) == {
        "graded": 2, "void": 1, "mae": {"moving_average": 3.0, "xgboost_v1": 1.0},
    }  # fmt: skip


def test_a_waiting_day_shows_its_blocker_with_the_command_and_exits_3():
    broken = ProcessorStatus(name="raw_players", state=PhaseState.FAILED, error="SchemaViolation: [torn]")
    report = DayReport(
        game_date=DAY, status=DayStatus.WAITING, source="simulated", games=7,
        phases=(PhaseStatus(name="raw", number=2, state=PhaseState.WAITING, processors=(broken,)),),
        blockers=(
            Blocker(
                phase="raw", processor="raw_players", reason="SchemaViolation: [torn]",
                since=datetime(2025, 11, 7, tzinfo=UTC), command="tipoff retrigger 2025-11-07 --phase raw",
            ),
        ),
        rejected=("retrigger: reason: missing",),
    )  # fmt: skip
    text = shown(day_view(report, processors=True))
    for part in ("SIMULATED", "[torn]", "tipoff retrigger 2025-11-07 --phase raw", "rejected"):
        assert part in text
    codes = {status: exit_code(status) for status in DayStatus}
    assert codes == {
        DayStatus.RUNNING: 0, DayStatus.PAUSED: 0, DayStatus.COMPLETED: 0,
        DayStatus.WAITING: 3, DayStatus.FAILED: 1, DayStatus.ABORTED: 1,
    }  # fmt: skip


def recorded(phase, status, processor="", **more):
    return {
        "phase_name": phase, "processor_name": processor, "status": status, "rows_written": 5,
        "error_type": None, "message": None, "retrigger": 0, **more,
    }  # fmt: skip


def test_the_status_can_be_read_from_the_warehouse():
    rows = [recorded("scrape", "completed"), recorded("scrape", "completed", "scrape_rosters")]
    report = report_from_rows(DAY, rows)
    assert report.status is DayStatus.RUNNING
    assert report.phases[0].processors[0].rows == 5
    torn = recorded("raw", "failed", "raw_players", error_type="SchemaViolation", message="torn")
    report = report_from_rows(DAY, [*rows, recorded("raw", "waiting"), torn])
    assert report.status is DayStatus.WAITING
    assert report.phases[1].processors[0].error == "SchemaViolation: torn"


def seasons(source, first, latest, lines):
    season = {"season": "s", "first_date": first, "last_date": latest, "games": 1}
    return Seasons.model_validate(
        {"source": source, "seasons": [season], "dates_with_lines": lines, "latest_date": latest}
    )


def test_the_default_day_is_the_latest_with_lines_that_can_be_graded():
    lines = ["2025-11-13", "2025-11-14", "2025-11-15"]
    real = seasons("recorded", "2025-10-21", "2025-11-15", lines)
    assert default_day(real) == date(2025, 11, 14)
    assert can_grade(real, date(2025, 11, 14))
    assert not can_grade(real, date(2025, 11, 15))
    made = seasons("simulated", "2025-10-21", "2026-04-10", ["2025-11-01", "2026-01-16", "2026-03-01"])
    assert default_day(made) == date(2026, 1, 16)


def test_a_date_outside_the_data_says_what_is_inside():
    real = seasons("recorded", "2025-10-21", "2025-11-15", ["2025-11-15"])
    with pytest.raises(BadRequest, match="2025-10-21 to 2025-11-16"):
        check_day(real, date(2031, 1, 1))
