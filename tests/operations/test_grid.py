"""The cells of the status grid, from rows that can be read by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from activities.operations.grid import day_of
from shared.features import FEATURE_VERSION
from shared.grid import CellState, GridDay
from shared.phases import PHASE_NAMES

DAY = date(2025, 11, 7)
NOW = datetime(2025, 11, 7, 22, tzinfo=UTC)
FIRST = datetime(2025, 11, 7, 11, tzinfo=UTC)


def status(phase: str, state: str = "completed", *, minutes: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "game_date": pd.Timestamp(DAY), "phase_name": phase, "processor_name": "", "status": state,
        "error_type": None, "message": None, "updated_at": FIRST + timedelta(minutes=minutes), **more,
    }  # fmt: skip


def whole_day() -> dict[str, dict[str, Any]]:
    return {phase: status(phase, minutes=n) for n, phase in enumerate(PHASE_NAMES)}


def grid(
    rows: list[dict[str, Any]],
    *,
    games: int = 11,
    warnings: int = 0,
    version: str = FEATURE_VERSION,
    quality: tuple[dict[str, Any], ...] = (),
    now: datetime = NOW,
) -> GridDay:
    run = {"phase_name": "raw", "processor_name": "raw_schedule", "warnings": warnings}
    tables = {
        "statuses": rows,
        "warnings": [run] if warnings else [],
        "quality": quality,
        "features": [{"feature_version": version, "vectors": 3}],
        "predictions": [{"active": 2}],
    }
    return day_of(DAY, tables, games, now)


def states(day: GridDay) -> dict[str, str]:
    return {name: str(cell.state) for name, cell in day.phases.items()}


def test_a_completed_day_is_ok_throughout_and_counted() -> None:
    day = grid(list(whole_day().values()))
    assert set(states(day).values()) == {"ok"}
    assert (day.features, day.predictions, day.games) == ({FEATURE_VERSION: 3}, 2, 11)


def test_a_date_with_games_that_nobody_ran_is_missing_and_one_without_is_not() -> None:
    assert set(states(grid([])).values()) == {"missing"}
    assert set(states(grid([], games=0)).values()) == {"none"}
    assert set(states(grid([], now=NOW - timedelta(days=2))).values()) == {"none"}


@pytest.mark.parametrize("state", ["running", "waiting", "failed"])
def test_a_phase_is_what_its_row_says_and_those_after_it_are_not_missing_while_it_goes_on(state: str) -> None:
    rows = [status("scrape"), status("raw", state, minutes=640, message="no box score")]
    found = states(grid(rows))
    assert (found["scrape"], found["raw"]) == ("ok", state)
    assert found["analytics"] == ("missing" if state == "failed" else "none")


def test_a_phase_that_says_it_runs_and_was_not_heard_of_for_an_hour_is_stale() -> None:
    cell = grid([status("scrape", "running")]).phases["scrape"]
    assert cell.state is CellState.STALE
    assert "running since 2025-11-07 11:00 UTC" in cell.why


def test_what_ran_before_its_input_was_made_again_is_stale() -> None:
    day = whole_day()
    day["raw"]["updated_at"] = FIRST + timedelta(hours=3)
    found = grid(list(day.values())).phases
    assert (found["analytics"].state, found["analytics"].why) == (CellState.STALE, "raw ran again after it")
    assert found["raw"].state is CellState.OK


def test_features_of_another_version_make_the_precompute_phase_stale() -> None:
    cell = grid(list(whole_day().values()), version="v1_baseline_25").phases["precompute"]
    assert cell.state is CellState.STALE
    assert "3 of v1_baseline_25" in cell.why


def test_warnings_findings_and_skips_are_warnings_with_their_reason() -> None:
    assert grid(list(whole_day().values()), warnings=2).phases["raw"].why == "raw_schedule: 2 warnings"
    finding = {
        "dataset": "nba_predictions.ml_feature_store_v2", "check_name": "constant_features", "status": "fail"
    }  # fmt: skip
    found = grid(list(whole_day().values()), quality=(finding,)).phases["precompute"]
    assert (found.state, found.why) == (CellState.WARN, "constant_features: fail")
    skipped = grid([status("scrape", "skipped", message="skipped by ada: known")]).phases["scrape"]
    assert (skipped.state, skipped.why) == (CellState.WARN, "skipped by ada: known")


def test_an_optional_processor_that_failed_is_a_warning_of_its_phase() -> None:
    failed = status("raw", "failed", processor_name="raw_injuries", error_type="UpstreamUnavailable")
    cell = grid([*whole_day().values(), failed]).phases["raw"]
    assert (cell.state, cell.why) == (CellState.WARN, "raw_injuries: UpstreamUnavailable")
