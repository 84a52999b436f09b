"""Injuries, from ESPN's report as it is on the wire to the feature: out, doubtful, or not known."""

from __future__ import annotations

import pandas as pd

from shared.features import FEATURE_NAMES
from tests.in_process import Morning
from tests.raw.conftest import DAY

CONTEXT, STORE = "nba_analytics.upcoming_player_game_context", "nba_predictions.ml_feature_store_v2"
RISK = FEATURE_NAMES.index("injury_risk")
LEVELS = {"available": 0.0, "probable": 1.0, "questionable": 2.0, "doubtful": 3.0}


def risks(morning: Morning) -> pd.DataFrame:
    """Each stored vector's injury risk and its source, by player."""
    rows = morning.warehouse.read(STORE, dates=[DAY])
    return pd.DataFrame(
        {
            "player_id": rows["player_id"],
            "risk": [values[RISK] for values in rows["features"]],
            "source": [sources[RISK] for sources in rows["feature_sources"]],
        }
    )


def test_a_report_reaches_the_feature_and_is_no_stand_in(morning: Morning) -> None:
    report = morning.warehouse.read("nba_raw.injury_report", dates=[DAY])
    assert len(report) > 10
    found = risks(morning).merge(report[["player_id", "status"]], on="player_id", how="left")
    assert set(found["source"]) == {"computed"}
    expected = found["status"].fillna("available").map(LEVELS)
    assert found["risk"].tolist() == expected.tolist()
    assert found["risk"].nunique() > 1


def test_who_is_reported_out_is_not_predicted_and_the_row_says_why(morning: Morning) -> None:
    report = morning.warehouse.read("nba_raw.injury_report", dates=[DAY])
    out = set(report.loc[report["status"] == "out", "player_id"])
    context = morning.warehouse.read(CONTEXT, dates=[DAY])
    players = context.loc[context["player_id"].isin(out)]
    assert len(players) > 0
    assert set(players["ineligible_reason"]) == {"out (reported)"}
    assert not out & set(risks(morning)["player_id"])


def test_without_a_report_nobody_is_healthy_and_nobody_is_withheld(morning: Morning) -> None:
    report = morning.warehouse.read("nba_raw.injury_report", dates=[DAY])
    morning.write("nba_raw.injury_report", report.head(0), (DAY,))
    for name in ("upcoming_player_game_context", "player_composite_factors", "ml_feature_store_v2"):
        morning.run_one(name)
    assert set(risks(morning)["source"]) == {"unavailable"}
    context = morning.warehouse.read(CONTEXT, dates=[DAY])
    assert set(context["injury_status"]) == {"unknown"}
