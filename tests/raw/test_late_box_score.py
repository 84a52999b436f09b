"""A box score that no source has on the first morning and that is there on the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shared.registry import Processor
from tests.in_process import Morning
from tests.replay.conftest import Replay, start, stop

PLAYED, FIRST, SECOND = date(2025, 11, 7), date(2025, 11, 8), date(2025, 11, 9)
GAME = "20251107_CLE_WAS"
ROUTES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/games")
FEATURES = "nba_predictions.ml_feature_store_v2"
OF_THE_GAME = (
    "nba_raw.player_box_scores", "nba_raw.team_box_scores", "nba_analytics.player_game_summary",
    "nba_analytics.team_offense_game_summary", "nba_analytics.team_defense_game_summary",
)  # fmt: skip
OF_THE_SECOND = ("nba_analytics.upcoming_player_game_context", "nba_precompute.player_daily_cache",
                 "nba_precompute.team_defense_zone_analysis", "nba_precompute.player_composite_factors",
                 FEATURES)  # fmt: skip


def _up_to_features(processor: Processor) -> bool:
    return processor.name == "prediction_chunk"


def _rows(morning: Morning, table: str, day: date) -> dict[tuple[object, ...], tuple[object, ...]]:
    """A partition's rows by key, as text: equal to the last digit or not equal."""
    schema = morning.warehouse.schemas[table]
    frame = morning.warehouse.read(table, dates=[day])
    kept = [c.name for c in schema.columns if not c.description.startswith(("clock:", "run:"))]
    return {
        tuple(row[k] for k in schema.key): tuple(repr(row[c]) for c in kept)
        for row in frame.to_dict("records")
    }


def _different(one: dict, other: dict) -> set:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


@pytest.fixture(scope="module")
def replay(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    started = start(tmp_path_factory.mktemp("replay"), "--source", "recorded", "--data", str(recorded_data))
    yield started
    stop(started)


@pytest.fixture(scope="module")
def mornings(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """(with the game late, the same never late, the late one's game rows after the first morning)."""
    late = Morning(tmp_path_factory.mktemp("late"), replay.base, "recorded", FIRST)
    late.history(date(2025, 10, 1), date(2025, 11, 6))
    for route in ROUTES:
        wish = {"route": route, "kind": "missing_game", "value": GAME}
        replay.http.post("/faults", json=wish).raise_for_status()
    late.run(_up_to_features)
    first = {table: _rows(late, table, PLAYED) for table in OF_THE_GAME}
    said = {name: run[2] for name, run in late.runs.items()}
    replay.http.delete("/faults")
    late.advance_to(SECOND)
    late.run(_up_to_features)
    whole = Morning(tmp_path_factory.mktemp("whole"), replay.base, "recorded", FIRST)
    whole.history(date(2025, 10, 1), date(2025, 11, 6))
    whole.run(_up_to_features)
    whole.advance_to(SECOND)
    whole.run(_up_to_features)
    yield late, whole, first, said
    late.warehouse.close()
    whole.warehouse.close()


def test_the_first_morning_goes_on_without_it_says_so_and_marks_who_depends_on_it(mornings: tuple) -> None:
    late, _, first, said = mornings
    assert not [key for key in first["nba_raw.player_box_scores"] if GAME in key]
    (warning,) = [w for w in said["scrape_box_scores"].warnings if GAME in w]
    assert warning == f"{GAME}: no source has its box score; looked for again until 2025-11-15"
    gate = said["raw_quality"].frame.set_index("check_name")
    assert list(gate.loc["every_final_game_has_a_box_score", "failing"]) == [GAME]
    features = late.warehouse.read(FEATURES, dates=[FIRST])
    marked = features.loc[features["partial_games"].map(lambda games: f"{GAME} missing" in games)]
    concerned = features["team_abbr"].isin(["CLE", "WAS"]) | features["opponent_abbr"].isin(["CLE", "WAS"])
    assert set(marked["player_id"]) == set(features.loc[concerned, "player_id"])
    assert 0 < len(marked) < len(features)


def test_the_second_morning_repairs_exactly_its_players_rows_and_lists_them(mornings: tuple) -> None:
    late, _, first, _ = mornings
    for table in ("nba_raw.player_box_scores", "nba_analytics.player_game_summary"):
        changed = _different(first[table], _rows(late, table, PLAYED))
        assert changed
        assert {key[1] for key in changed} == {GAME}, table
    stored = late.warehouse.read("nba_raw.player_box_scores", dates=[PLAYED])
    names = set(stored.loc[stored["game_id"] == GAME, "player_name"])
    output = late.runs["raw_player_box_scores"][2]
    (listed,) = [w for w in output.warnings if "new or changed" in w]
    assert listed.startswith(f"{GAME}: rows new or changed since they were first stored: ")
    assert set(listed.split("stored: ")[1].split("; ")) == names
    assert output.facts["changed"] == len(names)


def test_after_the_repair_everything_is_as_if_it_had_never_been_late(mornings: tuple) -> None:
    late, whole, _, _ = mornings
    for table, day in [(t, PLAYED) for t in OF_THE_GAME] + [(t, SECOND) for t in OF_THE_SECOND]:
        assert _different(_rows(late, table, day), _rows(whole, table, day)) == set(), table
    # What was lived on the first morning stays as it was lived.
    assert _different(_rows(late, FEATURES, FIRST), _rows(whole, FEATURES, FIRST))


def test_a_form_changes_on_the_first_morning_for_the_players_of_the_game_and_nobody_else(
    mornings: tuple,
) -> None:
    late, whole, _, _ = mornings
    players = whole.warehouse.read("nba_raw.player_box_scores", dates=[PLAYED])
    played = set(players.loc[players["game_id"] == GAME, "player_id"])
    table = "nba_precompute.player_daily_cache"
    frames = [m.warehouse.read(table, dates=[FIRST]).set_index("player_id") for m in (late, whole)]
    of_player = [
        "points_avg_last_5",
        "points_avg_season",
        "minutes_avg_last_10",
        "points_ewma",
        "last_game_date",
    ]
    one, other = (frame[of_player].map(repr) for frame in frames)
    changed = {player for player in one.index if not one.loc[player].equals(other.loc[player])}
    assert changed == played & set(one.index)
    assert changed
