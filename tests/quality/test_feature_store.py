"""What the whole slate tells that no single vector does, on a recorded day and with planted faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from activities.processor import Output
from activities.quality import feature_store
from shared.features import FEATURE_NAMES, FEATURES
from tests.in_process import Morning
from tests.predictions.tables import FEATURE_STORE, context, feature_row, fits, frame, silent, vector
from tests.replay.conftest import start, stop

SLATE = date(2024, 12, 19)
CACHE = "nba_precompute.player_daily_cache"
CONSTANTS = {spec.name for spec in FEATURES if spec.may_be_constant}


def upcoming_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The slate that these vectors are of: all eligible, tip-off in the evening."""
    named = rows[["game_id", "player_id", "player_lookup"]]
    return named.assign(eligible=True, tip_time=rows["as_of"] + pd.Timedelta(hours=6))


def check(rows: pd.DataFrame) -> tuple[Output, dict[str, Any]]:
    """The processor's output, and its rows by check."""
    frames = {"features": rows, "upcoming_players": upcoming_of(rows), "player_cache": frame(CACHE, [])}
    output = feature_store.process(context(run_id="r1"), frames, silent)
    fits(output.frame, "nba_orchestration.quality_results")
    return output, {row.check_name: row for row in output.frame.itertuples()}


def with_value(rows: pd.DataFrame, name: str, value: float) -> pd.DataFrame:
    """The same value of a feature for everyone."""
    values = np.vstack(rows["features"].to_list())
    values[:, FEATURE_NAMES.index(name)] = value
    return rows.assign(features=list(values))


@pytest.fixture(scope="module")
def recorded(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """A recorded December day through phase 4, with the season so far behind it."""
    home = tmp_path_factory.mktemp("quality")
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "recorded", "--data", str(recorded_data))
    try:
        morning = Morning(home, replay.base, "recorded", SLATE)
        morning.history(date(2024, 10, 1), date(2024, 12, 17))
        morning.run(lambda processor: processor.name == "prediction_chunk")
        yield morning
        morning.warehouse.close()
    finally:
        stop(replay)


def test_on_a_recorded_day_no_feature_is_constant_unless_the_contract_allows_it(recorded: Morning) -> None:
    rows = recorded.warehouse.read(FEATURE_STORE, dates=[SLATE])
    assert len(rows) >= feature_store.LEAST_PLAYERS
    values = np.vstack(rows["features"].to_list())
    constant = {n for place, n in enumerate(FEATURE_NAMES) if len(set(values[:, place])) == 1}
    assert {"playoff_game", "injury_risk", "vegas_line_move"} <= constant <= CONSTANTS
    stored = recorded.warehouse.read("nba_orchestration.quality_results", dates=[SLATE])
    stored = stored.loc[stored["checked_by"] == "feature_store_quality"]
    passed = {
        "constant_features", "default_share", "feature_version", "feature_coverage",
        "rolling_averages_within_bounds", "vectors_made_before_tip_off", "vectors_on_complete_games",
    }  # fmt: skip
    statuses = stored.set_index("check_name")["status"].to_dict()
    # Only this season is loaded, so most have not met today's opponent yet.
    assert statuses == {**dict.fromkeys(passed, "pass"), "default_share_per_feature": "warn"}
    (warning,) = recorded.runs["feature_store_quality"][2].warnings
    assert "avg_points_vs_opponent" in warning


@pytest.mark.parametrize(("name", "value"), [("team_win_pct", 0.5), ("fatigue_score", 50.0)])
def test_a_constant_planted_in_a_recorded_day_is_named(recorded: Morning, name: str, value: float) -> None:
    rows = with_value(recorded.warehouse.read(FEATURE_STORE, dates=[SLATE]), name, value)
    output, found = check(rows)
    row = found["constant_features"]
    assert (row.status, row.severity, row.observed, row.sample_ref) == ("fail", "error", 1.0, name)
    assert row.failed_rows == len(rows)
    assert output.warnings[0] == f"{name} is {value:g} for all {len(rows)} players"
    assert not any("constant_features" in warning for warning in output.warnings[1:])


def slate(players: int = 30, **changes: Any) -> pd.DataFrame:
    """Made-up players who differ in every feature."""
    rows = [
        feature_row(n, features=[spec.lower + (spec.upper - spec.lower) * n / 100 for spec in FEATURES])
        for n in range(1, players + 1)
    ]
    return frame(FEATURE_STORE, rows).assign(**changes)


def test_every_constant_feature_is_named_and_what_the_contract_allows_is_not() -> None:
    output, found = check(frame(FEATURE_STORE, [feature_row(n) for n in range(40)]))
    named = set(found["constant_features"].sample_ref.split(", "))
    assert named == set(FEATURE_NAMES) - CONSTANTS
    assert len(output.warnings) == len(named)
    assert output.facts == {"checks": 8, "failed": 1, "blocked": 0}


def test_a_slate_of_29_is_too_small_to_tell() -> None:
    output, found = check(frame(FEATURE_STORE, [feature_row(n) for n in range(29)]))
    assert found["constant_features"].status == "skipped"
    assert output.warnings == ()


def test_in_the_first_games_of_a_season_a_constant_is_told_and_is_no_error() -> None:
    _, found = check(with_value(slate(early_season=True), "team_win_pct", 0.5))
    row = found["constant_features"]
    assert (row.status, row.severity, row.sample_ref) == ("warn", "warning", "team_win_pct")


def test_too_many_defaults_are_a_warning_with_the_share_and_the_players() -> None:
    sources = ["default"] * 12 + ["computed"] * 21
    output, found = check(slate(feature_sources=[sources] * 30))
    row = found["default_share"]
    assert (row.status, row.observed, row.warn_if, row.failed_rows) == ("warn", 0.3636, "> 0.3", 30)
    assert row.sample_ref.startswith("player1, player2")
    assert output.warnings[0] == "36% of the slate's values are defaults"
    assert found["default_share_per_feature"].status == "warn"


def test_vectors_of_another_shape_fail_and_do_not_stop_the_other_checks() -> None:
    odd = feature_row(99, features=[*vector(), 1.0], feature_names=[*FEATURE_NAMES, "career_games"])
    _, found = check(pd.concat([slate(), frame(FEATURE_STORE, [odd])], ignore_index=True))
    assert (found["feature_version"].status, found["feature_version"].sample_ref) == ("fail", "player99")
    assert found["constant_features"].status == "pass"


def test_a_day_without_vectors_has_no_findings() -> None:
    output, _ = check(frame(FEATURE_STORE, []))
    assert output.frame.empty
    assert output.partitions


def test_the_run_is_named() -> None:
    output, _ = check(slate())
    assert set(output.frame["run_id"]) == {"r1"}
