"""Each gate on a recorded day, sound and with one fault planted; and what becomes of a player held back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from activities.processor import Output, ProcessorContext
from shared.phases import PHASES
from tests.in_process import Morning, silent
from tests.predictions.tables import fits
from tests.replay.conftest import start, stop

DAY = date(2025, 11, 7)
QUALITY = "nba_orchestration.quality_results"
GATES = [p.name for phase in PHASES for p in phase.processors if p.gate]


@pytest.fixture(scope="module")
def morning(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """Two recorded days, run whole: the second grades the first."""
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "recorded", "--data", str(recorded_data))
    try:
        morning = Morning(tmp_path_factory.mktemp("home"), replay.base, "recorded", date(2025, 11, 6))
        morning.history(date(2025, 10, 1), date(2025, 11, 4))
        morning.train()
        morning.run()
        morning.advance_to(DAY)
        morning.run()
        yield morning
        morning.warehouse.close()
    finally:
        stop(replay)


def gate(morning: Morning, name: str, edit: Callable[[dict[str, pd.DataFrame]], None]) -> Output:
    """A gate's output on what it was given that day, edited."""
    context, frames, _ = morning.runs[name]
    changed = {key: frame.copy() for key, frame in frames.items()} | {"staged": context.staged.copy()}
    edit(changed)
    with_staged = ProcessorContext(**{**context.__dict__, "staged": changed["staged"]})
    output = morning.functions[name](with_staged, changed, silent)
    assert fits(output.frame, QUALITY)
    return output


def set_first(frame: str, **values: Any) -> Callable[[dict[str, pd.DataFrame]], None]:
    """Sets values in the first row of a frame."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        rows = frames[frame].reset_index(drop=True)
        for column, value in values.items():
            rows[column] = [value, *rows[column].iloc[1:]]
        frames[frame] = rows

    return edit


def drop(frame: str, share: float) -> Callable[[dict[str, pd.DataFrame]], None]:
    """Drops the first rows of a frame."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        frames[frame] = frames[frame].iloc[int(len(frames[frame]) * share) :]

    return edit


def half_the_players(frame: str) -> Callable[[dict[str, pd.DataFrame]], None]:
    """No row of the players below the median id."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        players = frames[frame]["player_id"]
        frames[frame] = frames[frame].loc[players > players.median()]

    return edit


def set_all(frame: str, column: str, value: Any) -> Callable[[dict[str, pd.DataFrame]], None]:
    """One value for a whole column."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        frames[frame][column] = value

    return edit


def repeat_first(frame: str) -> Callable[[dict[str, pd.DataFrame]], None]:
    """A row that is there twice."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        frames[frame] = pd.concat([frames[frame], frames[frame].iloc[:1]], ignore_index=True)

    return edit


def age_lines(hours: float) -> Callable[[dict[str, pd.DataFrame]], None]:
    """Every line last changed so long before."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        frames["props"]["last_update"] -= pd.Timedelta(hours=hours)

    return edit


def lose_game(frames: dict[str, pd.DataFrame]) -> None:
    """A final game of the week before without box score."""
    teams = frames["recent_team_boxes"]
    frames["recent_team_boxes"] = teams.loc[teams["game_id"] != teams["game_id"].iloc[0]]


def unanswered(prefix: str) -> Callable[[dict[str, pd.DataFrame]], None]:
    """What begins so was answered by nobody."""

    def edit(frames: dict[str, pd.DataFrame]) -> None:
        mine = frames["responses"]["request"].str.startswith(prefix)
        frames["responses"].loc[mine, "status"] = "unavailable"
        frames["responses"].loc[mine, "object_path"] = None

    return edit


def test_every_phase_has_one_gate_and_a_sound_day_passes_them_all(morning: Morning) -> None:
    assert [sum(p.gate for p in phase.processors) for phase in PHASES] == [1] * 7
    stored = morning.warehouse.read(QUALITY, dates=[DAY])
    assert set(stored["checked_by"]) == set(GATES)
    found = stored.loc[stored["status"].isin(["fail", "warn"]), "check_name"]
    # Only this season is loaded: most have not met today's opponent.
    assert set(found) == {"default_share_per_feature"}
    assert stored["blocked"].map(len).sum() == 0


FAULTS = [
    ("scrape_quality", unanswered("schedule/"), "a_schedule_was_received", "fail", "phase"),
    ("scrape_quality", unanswered("box_score/"), "every_final_game_was_answered", "warn", ""),
    ("scrape_quality", unanswered("event_odds/"), "odds_were_received", "fail", ""),
    ("raw_quality", unanswered("schedule/"), "a_schedule_is_at_hand", "fail", "phase"),
    ("raw_quality", lose_game, "every_final_game_has_a_box_score", "warn", ""),
    (
        "raw_quality", set_first("recent_team_boxes", is_complete=False), "box_scores_are_complete",
        "warn", "",
    ),
    ("raw_quality", repeat_first("player_box_scores"), "unique_player_and_date", "fail", "players"),
    ("raw_quality", set_first("player_box_scores", fgm=40), "points_identity", "fail", "players"),
    ("raw_quality", set_first("player_box_scores", points=70), "players_sum_to_the_team", "fail", "players"),
    (
        "raw_quality", set_all("player_box_scores", "resolution", "new"),
        "box_scores_are_of_known_players", "warn", "",
    ),
    (
        "raw_quality", set_all("props", "resolution", "unresolved"),
        "lines_are_of_known_players", "fail", "phase",
    ),
    ("raw_quality", set_first("props", points_line=-3.0), "lines_are_plausible", "fail", "players"),
    ("raw_quality", age_lines(7), "freshness_prop_lines", "warn", ""),
    ("raw_quality", age_lines(25), "freshness_prop_lines", "fail", "games"),
    (
        "analytics_quality", set_first("player_games", usage_rate=140.0),
        "usage_within_bounds", "fail", "players",
    ),
    *(
        ("analytics_quality", set_all("player_games", name, value), "columns_are_filled", "fail", "phase")
        for name, value in (("usage_rate", None), ("minutes_played", 0))
    ),
    ("analytics_quality", drop("player_games", 0.1), "every_box_score_row_is_summarised", "fail", "players"),
    ("analytics_quality", repeat_first("upcoming_players"), "one_game_per_player", "fail", "players"),
    ("analytics_quality", drop("upcoming_players", 0.3), "every_team_of_the_slate_has_players", "warn", ""),
    (
        "feature_store_quality", set_first("player_cache", points_avg_last_5=99.0),
        "rolling_averages_within_bounds", "fail", "players",
    ),
    ("feature_store_quality", drop("features", 0.1), "feature_coverage", "warn", ""),
    ("feature_store_quality", drop("features", 0.5), "feature_coverage", "fail", "phase"),
    (
        "feature_store_quality", set_first("features", feature_version="v1"),
        "feature_version", "fail", "phase",
    ),
    (
        "feature_store_quality", set_first("features", partial_games=["20251105_PHI_CLE PHI"]),
        "vectors_on_complete_games", "warn", "",
    ),
    (
        "feature_store_quality", set_first("features", as_of=pd.Timestamp("2025-11-09", tz="UTC")),
        "vectors_made_before_tip_off", "fail", "games",
    ),
    ("prediction_quality", repeat_first("staged"), "one_per_player_system_and_line", "fail", "players"),
    (
        "prediction_quality", set_first("staged", predicted_points=60.01),
        "predicted_points_within_bounds", "fail", "players",
    ),
    (
        "prediction_quality", set_all("staged", "predicted_points", 11.0),
        "predicted_points_vary", "fail", "phase",
    ),
    (
        "publishing_quality", set_first("predictions", created_at=pd.Timestamp("2025-11-09", tz="UTC")),
        "created_before_tip_off", "fail", "phase",
    ),
    (
        "prediction_quality", set_first("staged", feature_version="v1"), "prediction_feature_version",
        "fail", "phase",
    ),
    ("prediction_quality", half_the_players("staged"), "predictions_cover_the_slate", "fail", "phase"),
    ("grading_quality", drop("results", 0.1), "every_prediction_is_graded", "fail", "phase"),
    (
        "grading_quality", set_all("results", "signed_error", 50.0), "errors_are_predicted_less_actual",
        "fail", "phase",
    ),
    (
        "grading_quality", set_first("results", void_reason="no_box_score"), "graded_on_a_box_score",
        "warn", "",
    ),
    (
        "publishing_quality", set_first("predictions", predicted_points=1.0),
        "published_equals_stored", "fail", "phase",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "check", "status", "blocks"), FAULTS)
def test_a_planted_fault_is_found_named_and_holds_back_what_it_concerns(
    morning: Morning, name: str, edit: Any, check: str, status: str, blocks: str
) -> None:
    output = gate(morning, name, edit)
    row = output.frame.set_index("check_name").loc[check]
    assert row["status"] == status
    assert row["failed_rows"] > 0 or row["observed"] > 0
    assert any(check in warning for warning in output.warnings) or check == "feature_version"
    assert (check in output.refusal) == (blocks == "phase")
    assert bool(len(row["blocked"])) == (blocks in ("players", "games"))
    if blocks in ("players", "games"):
        assert row["blocking"] == blocks
        assert 0 < len(row["blocked"]) <= row["failed_rows"] * 20


def test_a_player_whose_average_is_impossible_is_withheld_to_the_end_and_nobody_else(
    morning: Morning,
) -> None:
    stored = morning.warehouse.read("nba_predictions.player_prop_predictions", dates=[DAY])
    before = stored.loc[stored["is_active"].astype(bool)]
    player = int(before.loc[before["has_prop_line"].astype(bool), "player_id"].iloc[0])
    cache = morning.warehouse.read("nba_precompute.player_daily_cache", dates=[DAY])
    good = cache.copy()
    cache.loc[cache["player_id"] == player, "points_avg_last_5"] = 99.0
    morning.write("nba_precompute.player_daily_cache", cache, (DAY,))
    try:
        morning.run_one("feature_store_quality")
        morning.run_phases("predictions", "publishing")
    finally:
        morning.write("nba_precompute.player_daily_cache", good, (DAY,))
    stored = morning.warehouse.read("nba_predictions.player_prop_predictions", dates=[DAY])
    after = stored.loc[stored["is_active"].astype(bool)]
    assert set(before["prediction_id"]) - set(after["prediction_id"]) == set(
        before.loc[before["player_id"] == player, "prediction_id"]
    )
    document = json.loads(morning.around.exports.read(f"{DAY}/predictions.json") or b"")
    published = {p["player_id"] for game in document["games"] for p in game["players"]}
    assert player not in published
    (held,) = [w for w in document["withheld"] if w["player_id"] == player]
    assert held["stage"] == "quality"
    assert "rolling_averages_within_bounds of nba_precompute.player_daily_cache" in held["reason"]
    assert not morning.runs["publishing_quality"][2].refusal
