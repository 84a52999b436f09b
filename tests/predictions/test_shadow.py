"""A challenger in shadow beside the champion, on two mornings of the simulated league."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest

from activities.processor import Output, ProcessorContext
from tests.in_process import Morning, silent
from tests.replay.conftest import start, stop
from warehouse.hashing import hash_table

DAY = date(2025, 11, 25)
PREDICTED = "nba_predictions.player_prop_predictions"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The day run without a shadow, then again with one, then the morning after."""
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    try:
        morning = Morning(tmp_path_factory.mktemp("home"), replay.base, "simulated", DAY)
        morning.history(date(2025, 10, 1), DAY - timedelta(days=2))
        morning.train()
        morning.run()
        yield morning
        morning.warehouse.close()
    finally:
        stop(replay)


@pytest.fixture(scope="module")
def alone(morning: Morning) -> str:
    """The content hash of the day's predictions, made without a shadow."""
    assert morning.warehouse.read("nba_predictions.shadow_predictions").empty
    return hash_table(morning.warehouse, PREDICTED)


@pytest.fixture(scope="module")
def shadow(morning: Morning, alone: str) -> str:
    """The id of the shadow that the day was run again with."""
    model = morning.train(days_before=4, action="shadow")
    morning.run()
    return model


def again(morning: Morning, **changes: object) -> Output:
    """Runs the shadows once more, over the inputs they had."""
    context, frames, _ = morning.runs["shadow_predictions"]
    changed = ProcessorContext(**{**context.__dict__, **changes})
    return morning.functions["shadow_predictions"](changed, frames, silent)


def test_a_shadow_predicts_every_player_and_changes_nothing_of_the_day(
    morning: Morning, alone: str, shadow: str
) -> None:
    rows = morning.warehouse.read("nba_predictions.shadow_predictions", dates=[DAY])
    made = morning.warehouse.read(PREDICTED, dates=[DAY])
    champion = made[(made["system_id"] == "xgboost_v1") & made["is_active"].astype(bool)]
    assert set(rows["model_id"]) == {shadow}
    assert sorted(rows["player_id"]) == sorted(champion["player_id"])
    assert (rows["predicted_points"].to_numpy() != champion["predicted_points"].to_numpy()).any()
    assert shadow not in set(made["model_id"])
    assert hash_table(morning.warehouse, PREDICTED) == alone


def test_a_damaged_shadow_is_a_warning_with_its_reason(morning: Morning, shadow: str) -> None:
    artefact = morning.around.models / shadow / "model.ubj"
    whole = artefact.read_bytes()
    try:
        artefact.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        output = again(morning)
    finally:
        artefact.write_bytes(whole)
    assert output.frame.empty
    assert len(output.warnings) == 1
    assert f"shadow {shadow}: ModelIntegrityError" in output.warnings[0]


def test_a_game_that_has_begun_keeps_what_its_shadow_said_before(morning: Morning, shadow: str) -> None:
    rows = morning.warehouse.read("nba_predictions.shadow_predictions", dates=[DAY])
    context, frames, _ = morning.runs["shadow_predictions"]
    first = rows["tip_time"].min()
    inputs = {**frames, "current": rows.assign(predicted_points=1.5)}
    later = ProcessorContext(**{**context.__dict__, "now": first.to_pydatetime()})
    after = morning.functions["shadow_predictions"](later, inputs, silent).frame
    begun = after["tip_time"] <= first
    assert len(after) == len(rows)
    assert (after.loc[begun, "predicted_points"] == 1.5).all()
    assert (after.loc[~begun, "predicted_points"] != 1.5).all()


def test_a_shadow_is_graded_the_morning_after_on_its_champions_rows(morning: Morning, shadow: str) -> None:
    morning.advance_to(DAY + timedelta(days=1))
    morning.run()
    graded = morning.warehouse.read("nba_predictions.shadow_results", dates=[DAY])
    results = morning.warehouse.read("nba_predictions.prediction_results", dates=[DAY])
    champion = results[results["system_id"] == "xgboost_v1"].set_index(["game_id", "player_id"])
    assert set(graded["model_id"]) == {shadow}
    both = graded.set_index(["game_id", "player_id"]).join(champion, suffixes=("", "_of_champion"))
    assert len(both) == len(champion)
    assert (both["is_void"] == both["is_void_of_champion"]).all()
    played = both[~both["is_void"]]
    assert len(played)
    expected = (played["predicted_points"] - played["actual_points"].astype(float)).round(2)
    pd.testing.assert_series_equal(played["signed_error"], expected, check_names=False)
    assert (played["champion_absolute_error"] == played["absolute_error_of_champion"]).all()
