"""A recorded day on a real server with a real worker process, against facts of the source files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.e2e.stack import ROOT
from warehouse.connect import connect
from warehouse.protocol import Warehouse

DAY = pd.Timestamp("2025-11-07")


@pytest.fixture(scope="module")
def demo(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """What `tipoff demo --once --json` printed, and its home."""
    home = tmp_path_factory.mktemp("recorded") / "home"
    done = subprocess.run(
        [
            sys.executable, "-m", "starter", "demo", "--source", "recorded", "--data", str(recorded_data),
            "--date", "2025-11-07", "--once", "--json", "--home", str(home),
        ],
        capture_output=True, text=True, cwd=ROOT, timeout=540, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout), home


@pytest.fixture(scope="module")
def warehouse(demo: tuple[dict, Path]) -> Warehouse:
    """The warehouse that it left behind."""
    return connect("duckdb", home=demo[1])


def test_the_day_completes_with_the_box_score_completed_from_the_second_source(demo: tuple) -> None:
    printed = demo[0]
    assert printed["status"] == "completed"
    assert printed["source"] == "recorded"
    assert printed["games"] == 11
    boxes = printed["box_scores"]
    assert (boxes["games"], boxes["players"], boxes["points"]) == (1, 26, 217)
    assert boxes["completed_games"] == ["20251106_LAC_PHX from balldontlie"]


def test_at_least_170_of_the_178_players_with_a_line_are_predicted_and_the_others_have_a_reason(
    demo: tuple,
) -> None:
    printed = demo[0]
    assert printed["players_with_line"] == 178
    assert len(printed["predicted_with_line"]) == 5
    fewest = min(printed["predicted_with_line"].values())
    assert fewest >= 170
    assert len(printed["withheld"]) >= 178 - fewest
    assert all(entry["reason"] for entry in printed["withheld"])


def test_players_points_of_every_game_sum_to_the_teams(warehouse: Warehouse) -> None:
    teams = warehouse.read("nba_raw.team_box_scores")
    players = warehouse.read("nba_raw.player_box_scores", columns=["game_id", "team_abbr", "points"])
    sums = players.groupby(["game_id", "team_abbr"])["points"].sum()
    found = teams.set_index(["game_id", "team_abbr"])["points"]
    pd.testing.assert_series_equal(sums.sort_index(), found.sort_index(), check_names=False)
    assert len(found) > 5_000


def test_the_box_scores_equal_the_source_files(warehouse: Warehouse, recorded_data: Path) -> None:
    path = next((recorded_data / "box_scores").glob("2024-25.parquet"))
    source = pd.read_parquet(path, columns=["game_date", "player_id", "pts", "fga", "minutes"])
    ours = warehouse.read(
        "nba_analytics.player_game_summary",
        columns=["game_date", "player_id", "points", "fga", "minutes_played", "season"],
    )
    ours = ours[ours["season"] == "2024-25"].drop(columns="season")
    ours.columns = source.columns
    keys = ["game_date", "player_id"]
    left = source.astype({"game_date": "datetime64[us]"}).sort_values(keys, ignore_index=True)
    right = ours.sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_there_is_one_active_prediction_per_player_with_a_line_and_system(warehouse: Warehouse) -> None:
    rows = warehouse.read("nba_predictions.player_prop_predictions", dates=[DAY.date()])
    active = rows[rows["is_active"].astype(bool)]
    assert not active.duplicated(["game_id", "player_id", "system_id"]).any()
    assert (active["created_at"] < active["tip_time"]).all()
    assert active["predicted_points"].between(0, 60).all()
    assert active.groupby("system_id")["predicted_points"].std().min() > 1, "not constant"
    assert active["reason"].str.len().min() > 0


def test_no_feature_reads_the_target_day(warehouse: Warehouse) -> None:
    cache = warehouse.read("nba_precompute.player_daily_cache", dates=[DAY.date()])
    assert (cache["last_game_date"].dropna() < DAY).all()
    # Neither team of the one game of 11-06 plays on 11-07: the latest games of these players are of 11-05.
    assert cache["last_game_date"].max() == DAY - pd.Timedelta(days=2)
    features = warehouse.read("nba_predictions.ml_feature_store_v2", dates=[DAY.date()])
    upcoming = warehouse.read("nba_analytics.upcoming_player_game_context", dates=[DAY.date()])
    assert features["as_of"].max() < upcoming["tip_time"].min()
    assert set(features["feature_version"]) == {"v2_33features"}


def test_the_day_after_grades_the_day(demo: tuple, warehouse: Warehouse) -> None:
    results = warehouse.read("nba_predictions.prediction_results", dates=[DAY.date()])
    decided = results[~results["is_void"].astype(bool)]
    actual = warehouse.read("nba_raw.player_box_scores", dates=[DAY.date()])
    points = actual.set_index("player_id")["points"]
    assert (decided["actual_points"] == decided["player_id"].map(points)).all()
    assert not set(results.loc[results["void_reason"] == "did_not_play", "player_id"]) & set(points.index)
    assert demo[0]["outcomes"]["graded"] == len(decided)
