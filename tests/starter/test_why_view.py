"""`tipoff predictions DATE --player … --why`."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from shared.errors import BadRequest
from starter.predictions import predictions
from starter.why_view import why_view

ROW = {
    "prediction_id": "1", "player_name": "Alperen Sengun", "team_abbr": "HOU", "opponent_abbr": "SAS",
    "is_home": False, "system_id": "xgboost_v1", "model_id": "xgboost_v1-20251105-8472817b706a95ff",
    "points_line": 20.5, "estimated_line": None, "books": 8, "sportsbook": "draftkings", "over_price": 2.0,
    "under_price": 1.83, "line_last_update": "2025-11-07T17:00:00+00:00", "predicted_points": 21.4,
    "predicted_mean": 21.9, "predicted_std": 8.0, "raw_prob_over": 0.547, "market_prob_over": 0.477,
    "prob_over": 0.484, "calibration": "2,100 graded through 2025-11-05: slope 0.090, intercept -0.010",
    "contributions": '{"points_ewma": 3.0, "shots_ewma": -1.13}', "confidence_score": 0.45,
    "feature_quality_score": 93.0, "recommendation": "PASS", "reason": "P(over) 0.484 does not beat it",
}  # fmt: skip
NO_LINE = {
    **ROW, "points_line": None, "estimated_line": 18.5, "prob_over": None, "recommendation": "NO_LINE",
    "reason": "no line", "sportsbook": None,
}  # fmt: skip


def shown(*rows: dict) -> str:
    written = StringIO()
    Console(width=80, file=written).print(why_view(rows, date(2025, 11, 7)))
    return written.getvalue()


def test_line_price_book_snapshot_calibration_and_contributions_are_shown_in_80_columns() -> None:
    text = shown(ROW, {**ROW, "system_id": "ensemble_v1", "model_id": None})
    assert max(len(line) for line in text.splitlines()) <= 80
    said = " ".join(text.split())
    for part in (
        "line 20.5, the median of 8 books", "over 2.00, under 1.83", "2025-11-07T17:00:00+00:00",
        "xgboost_v1",
        "ensemble_v1", "own 0.547, market 0.477", "slope 0.090", "points_ewma +3.00", "shots_ewma -1.13",
        "PASS at draftkings: P(over) 0.484 does not beat it",
    ):  # fmt: skip
        assert part in said, part


def test_without_a_line_the_estimate_is_marked_as_one() -> None:
    assert "no line; estimated 18.5, which is never bet on" in shown(NO_LINE)


def test_why_without_a_player_says_what_to_add() -> None:
    with pytest.raises(BadRequest, match="why: name the player"):
        predictions("2025-11-07", why=True)
