"""What graded rows come to: errors by month, calibration, bets, with dates as clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from activities.evaluation.graded import by_group, by_month, calibration, clustered, outcome, priced


def test_an_interval_is_as_wide_as_its_dates_differ() -> None:
    mean, half = clustered(np.array([4.0, 6.0]), np.array([10.0, 10.0]))
    assert mean == 5.0
    assert half == pytest.approx(1.96, abs=1e-9), "two dates, one point either side"
    assert clustered(np.array([4.0]), np.array([3.0])) == (4.0, None)
    assert clustered(np.array([4.0, np.nan]), np.array([3.0, 9.0])) == (4.0, None)


def test_bins_of_calibration_hold_equally_many_rows() -> None:
    counts = pd.DataFrame(
        {"system_id": "a", "p": np.arange(100) / 100, "n": np.full(100, 7), "overs": np.arange(100) % 8}
    )
    bins = calibration(counts)["a"]
    assert [b["n"] for b in bins] == [70] * 10
    assert bins[0]["p"] == pytest.approx(0.045)
    assert sum(b["observed"] * b["n"] for b in bins) == pytest.approx(counts["overs"].sum())


def bets(*rows: tuple[str, str, float, float, bool]) -> pd.DataFrame:
    """Decided bets of one system: date, call, line, decimal price, whether it was right."""
    return priced(
        pd.DataFrame(
            {
                "game_date": pd.Timestamp(day), "system_id": "a", "recommendation": call, "points_line": line,
                "over_price": price if call == "OVER" else 1.01,
                "under_price": price if call == "UNDER" else 1.01, "prediction_correct": right,
            }
            for day, call, line, price, right in rows
        )
    )  # fmt: skip


def test_a_bet_returns_its_own_side_s_price_and_breaks_even_where_that_returns_nothing() -> None:
    found = outcome(bets(("2025-11-30", "OVER", 9.5, 2.5, True), ("2025-12-01", "UNDER", 9.5, 1.5, False)))
    assert (found["n"], found["right"], found["hit_rate"]) == (2, 1, 0.5)
    assert found["return"] == pytest.approx((1.5 - 1.0) / 2)
    assert found["needed"] == 0.5, "two units staked, four come back if both are right"


def test_bets_of_one_date_say_nothing_of_how_dates_differ_and_no_rate_is_beyond_what_can_be() -> None:
    one = outcome(bets(("2025-11-30", "OVER", 9.5, 2.0, True), ("2025-11-30", "OVER", 9.5, 2.0, False)))
    assert (one["hit_rate_low"], one["return_low"]) == (None, None)
    two = outcome(bets(("2025-11-30", "OVER", 9.5, 2.0, True), ("2025-12-01", "OVER", 9.5, 2.0, False)))
    assert (two["hit_rate_low"], two["hit_rate_high"], two["return_low"]) == (0.0, 1.0, -1.0)


def test_a_bet_is_in_its_month_and_in_the_bucket_whose_lower_end_its_line_is() -> None:
    held = bets(
        ("2025-11-30", "OVER", 9.5, 2.0, True), ("2025-11-30", "OVER", 10.0, 2.0, True),
        ("2025-12-01", "OVER", 20.0, 2.0, False),
    )  # fmt: skip
    months, lines = by_group(held)
    assert [(g["group"], g["n"], g["right"]) for g in months["a"]] == [("2025-11", 2, 2), ("2025-12", 1, 0)]
    assert [(g["group"], g["n"]) for g in lines["a"]] == [("under 10", 1), ("10 to 20", 1), ("over 20", 1)]


def test_no_bets_are_no_groups() -> None:
    assert by_group(bets(("2025-11-30", "OVER", 9.5, 2.0, True)).iloc[:0]) == ({}, {})


def test_a_month_s_error_weighs_dates_by_their_rows_and_stands_beside_the_line_s() -> None:
    daily = pd.DataFrame(
        {
            "game_date": pd.to_datetime(["2025-11-29", "2025-11-30", "2025-12-01"]),
            "lined": [10, 30, 5], "lined_mae": [4.0, 5.0, np.nan], "line_mae": [4.0, 4.6, np.nan],
        }
    )  # fmt: skip
    november, december = by_month(daily)
    assert (november["month"], november["n"]) == ("2025-11", 40)
    assert november["mae"] == pytest.approx(4.75)
    assert november["line"] == pytest.approx(4.45)
    assert november["behind"] == pytest.approx(0.3)
    assert november["behind_low"] < 0.3 < november["behind_high"]
    assert (december["mae"], december["mae_low"], december["line"]) == (None, None, None)
