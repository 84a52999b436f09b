"""Staged predictions become the current ones."""

from __future__ import annotations

import pandas as pd
import pytest

from activities.predictions import player_prop_predictions, withheld_players
from activities.predictions.systems import SYSTEM_IDS
from shared.errors import SchemaViolation
from tests.predictions.tables import (
    FEATURE_STORE,
    GAME,
    PREDICTIONS,
    PROPS,
    TIP,
    UPCOMING,
    context,
    feature_row,
    fits,
    frame,
    predictions,
    prop_row,
    silent,
    upcoming_row,
)  # fmt: skip

NONE = frame(PREDICTIONS, [])
UNCHECKED = frame("nba_orchestration.quality_results", [])


def consolidate(staged: pd.DataFrame, current: pd.DataFrame = NONE, **changes: object) -> pd.DataFrame:
    output = player_prop_predictions.process(
        context(staged=staged, **changes), {"current": current, "quality": UNCHECKED}, silent
    )
    assert output.frame.empty or fits(output.frame, PREDICTIONS)
    return output.frame


def merged(current: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    kept = current.loc[~current["prediction_id"].isin(rows["prediction_id"])]
    return pd.concat([kept, rows], ignore_index=True)


def test_a_line_of_24_5_and_25_are_two_predictions_and_the_older_is_kept_inactive() -> None:
    first = consolidate(predictions([upcoming_row(1, line=24.5)]))
    second = consolidate(predictions([upcoming_row(1, line=25.0)]), first)
    table = merged(first, second).set_index("points_line")
    assert len(table) == 2
    assert list(table["is_active"].sort_index()) == [False, True]
    assert table.loc[24.5, "superseded_by"] == table.loc[25.0, "prediction_id"]


def test_predictions_of_another_feature_version_are_kept_inactive_when_they_are_made_again() -> None:
    first = consolidate(predictions([upcoming_row(1), upcoming_row(2)]))
    stale = first.assign(feature_version=["v1_baseline_25", "v2_33features"])
    rows = consolidate(predictions([upcoming_row(1), upcoming_row(2)]), stale)
    table = merged(stale, rows)
    kept = table.loc[table["feature_version"] == "v1_baseline_25"]
    assert list(kept["is_active"]) == [False]
    successor = table.loc[table["prediction_id"] == kept["superseded_by"].iloc[0]].iloc[0]
    assert (successor["feature_version"], successor["player_id"]) == ("v2_33features", stale["player_id"][0])
    assert successor["is_active"]
    assert len(table) == 3
    again = merged(table, consolidate(predictions([upcoming_row(1), upcoming_row(2)]), table))
    assert sorted(again["prediction_id"]) == sorted(table["prediction_id"]), "once is enough"


def test_a_line_that_comes_back_makes_its_prediction_active_again() -> None:
    table = NONE
    for line in (24.5, 25.0, 24.5):
        rows = consolidate(predictions([upcoming_row(1, line=line)]), table)
        table = merged(table, rows) if len(table) else rows
        active = table.loc[table["is_active"].astype(bool)]
        assert list(active["points_line"]) == [line]
        assert active["superseded_by"].isna().all()
    # Three were made, and three are kept; the first two each name what came after it.
    kept = table.loc[~table["is_active"].astype(bool)].set_index("points_line")
    assert len(table) == 3
    assert kept.loc[24.5, "superseded_by"] == kept.loc[25.0, "prediction_id"]
    assert kept.loc[25.0, "superseded_by"] == active["prediction_id"].iloc[0]


def test_a_prediction_made_again_at_the_same_line_with_another_price_supersedes_the_one_before() -> None:
    first = consolidate(predictions([upcoming_row(1)]))
    second = consolidate(predictions([upcoming_row(1)]).assign(over_price=2.2), first)
    table = merged(first, second)
    kept, active = (table.loc[table["is_active"].astype(bool) == flag].iloc[0] for flag in (False, True))
    assert (pd.isna(kept["over_price"]), active["over_price"]) == (True, 2.2)
    assert kept["superseded_by"] == active["prediction_id"] == first["prediction_id"][0]
    third = merged(table, consolidate(predictions([upcoming_row(1)]).assign(over_price=2.3), table))
    assert (len(third), third["is_active"].sum()) == (3, 1)


def test_a_prediction_made_again_as_it_was_keeps_the_time_that_it_was_made() -> None:
    first = consolidate(predictions([upcoming_row(1), upcoming_row(2)]))
    later = {
        "as_of": first["as_of"] + pd.Timedelta(hours=2),
        "created_at": first["created_at"] + pd.Timedelta(hours=2),
    }
    staged = predictions([upcoming_row(1), upcoming_row(2)]).assign(**later)
    output = player_prop_predictions.process(
        context(staged=staged), {"current": first, "quality": UNCHECKED}, silent
    )
    assert output.frame.empty
    assert (output.facts["predicted"], output.facts["unchanged"], output.facts["superseded"]) == (2, 2, 0)


def test_exactly_one_prediction_per_player_game_and_system_is_active_after_any_re_run() -> None:
    table = NONE
    for line in (24.5, 25.0, 25.0, None, 26.5):
        staged = predictions([upcoming_row(1, line=line), upcoming_row(2)])
        rows = consolidate(staged, table)
        table = merged(table, rows) if len(table) else rows
        active = table.loc[table["is_active"].astype(bool)]
        assert active.groupby(["game_id", "player_id", "system_id"]).size().tolist() == [1, 1]
        assert not table["prediction_id"].duplicated().any()


def test_after_tip_off_nothing_is_superseded_and_nothing_new_is_kept() -> None:
    first = consolidate(predictions([upcoming_row(1, line=24.5)]))
    late = context(staged=predictions([upcoming_row(1, line=25.0)]), now=TIP.to_pydatetime())
    output = player_prop_predictions.process(late, {"current": first, "quality": UNCHECKED}, silent)
    assert output.frame.empty
    assert output.warnings == (), "the one made in time stands"
    assert output.facts["late"] == 1


def test_a_prediction_first_made_after_tip_off_is_dropped_with_a_warning() -> None:
    late = context(staged=predictions([upcoming_row(1)]), now=TIP.to_pydatetime())
    output = player_prop_predictions.process(late, {"current": NONE, "quality": UNCHECKED}, silent)
    assert output.frame.empty
    assert "1 predictions dropped, made after tip-off" in output.warnings[0]


def test_a_player_who_is_no_longer_predictable_loses_his_prediction() -> None:
    first = consolidate(predictions([upcoming_row(1), upcoming_row(2)]))
    output = player_prop_predictions.process(
        context(staged=predictions([upcoming_row(1)])), {"current": first, "quality": UNCHECKED}, silent
    )
    gone = output.frame.loc[output.frame["player_id"] == 2].iloc[0]
    assert not gone["is_active"]
    assert gone["superseded_by"] is None
    assert gone["reason"].startswith("withdrawn")
    assert output.warnings == ("1 earlier predictions withdrawn: Player 2",)


def test_a_key_staged_twice_is_refused() -> None:
    one = predictions([upcoming_row(1)])
    with pytest.raises(SchemaViolation, match="share their"):
        consolidate(pd.concat([one, one], ignore_index=True))
    other_line = predictions([upcoming_row(1, line=25.0)])
    with pytest.raises(SchemaViolation, match="player_id"):
        consolidate(pd.concat([one, other_line], ignore_index=True))


def test_a_day_without_predictions_is_a_day() -> None:
    assert consolidate(pd.DataFrame()).empty


def withheld(upcoming: list, features: list, made: pd.DataFrame, props: list) -> pd.DataFrame:
    frames = {
        "upcoming_players": frame(UPCOMING, upcoming), "features": frame(FEATURE_STORE, features),
        "predictions": made, "props": frame(PROPS, props), "quality": UNCHECKED,
    }  # fmt: skip
    rows = withheld_players.process(context(), frames, silent).frame
    assert rows.empty or fits(rows, "nba_predictions.withheld_players")
    return rows


def test_everyone_who_is_withheld_has_a_stage_and_a_reason() -> None:
    upcoming = [
        upcoming_row(1), upcoming_row(2, eligible=False, ineligible_reason="out (reported)"),
        upcoming_row(3), upcoming_row(4, line=None),
        upcoming_row(5, line=None, eligible=False, ineligible_reason="few games"),
    ]  # fmt: skip
    features = [feature_row(1), feature_row(3, insufficient_data_reason="only 1 game on record")]
    props = [prop_row(n) for n in (1, 2, 3, 7)] + [prop_row(8, game_id="20251107_ATL_HOU")]
    rows = withheld(upcoming, features, predictions([upcoming_row(1)]), props).set_index("player_id")
    assert rows["stage"].to_dict() == {
        1: "predictions", 2: "eligibility", 3: "features", 4: "features", 7: "resolution", 8: "resolution",
    }  # fmt: skip
    assert rows["reason"].to_dict() == {
        1: "no active prediction by zone_matchup_v1, similarity_v1, xgboost_v1, ensemble_v1",
        2: "out (reported)",
        3: "only 1 game on record",
        4: "no feature vector was made",
        7: f"a line at 1 book for {GAME}, but he is not among the players of its two teams",
        8: "a line at 1 book for 20251107_ATL_HOU, but the game is not on the slate",
    }
    assert list(rows.loc[1, "systems_missing"]) == list(SYSTEM_IDS[1:])


def test_who_is_predicted_by_all_systems_is_not_withheld() -> None:
    made = predictions([upcoming_row(1)])
    every = [made.assign(system_id=name, prediction_id=name) for name in SYSTEM_IDS]
    assert withheld(
        [upcoming_row(1)], [feature_row(1)], pd.concat(every, ignore_index=True), [prop_row(1)]
    ).empty
    assert withheld([], [], NONE, []).empty
