"""Opening lines: the first snapshot of a day's lines, kept while later ones replace the lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from shared.features import FEATURE_NAMES
from tests.in_process import Morning
from tests.raw.conftest import DAY

PROPS, OPENINGS = "nba_raw.player_points_props", "nba_raw.player_points_openings"
CONTEXT, STORE = "nba_analytics.upcoming_player_game_context", "nba_predictions.ml_feature_store_v2"
AFTER_LINES = ("upcoming_player_game_context", "player_composite_factors", "ml_feature_store_v2")


def again(morning: Morning, props: pd.DataFrame) -> None:
    """The day's lines are now these, and what reads them runs once more."""
    morning.write(PROPS, props, (DAY,))
    for name in ("raw_prop_openings", *AFTER_LINES):
        morning.run_one(name)


def vectors(morning: Morning) -> pd.DataFrame:
    """The stored features by player, and the source of the opening line."""
    rows = morning.warehouse.read(STORE, dates=[DAY])
    values = pd.DataFrame(np.vstack(rows["features"].to_list()), columns=list(FEATURE_NAMES))
    place = FEATURE_NAMES.index("vegas_opening_line")
    return values.assign(
        player_id=rows["player_id"].to_numpy(),
        opening_source=[sources[place] for sources in rows["feature_sources"]],
    ).set_index("player_id")


def moved(props: pd.DataFrame, by: float, minutes: int) -> pd.DataFrame:
    """The same lines, moved by so many points and so many minutes later."""
    return props.assign(
        points_line=props["points_line"] + by,
        last_update=props["last_update"] + pd.Timedelta(minutes=minutes),
    )


def test_a_day_fetched_once_has_its_openings_stored_and_none_in_its_features(morning: Morning) -> None:
    openings = morning.warehouse.read(OPENINGS, dates=[DAY])
    players = morning.warehouse.read(CONTEXT, dates=[DAY])
    lined = players.loc[players["has_prop_line"]]
    assert len(lined) > 30
    assert set(openings["player_id"]) >= set(lined["player_id"])
    assert players["opening_line"].isna().all()
    stored = vectors(morning)
    assert (stored["vegas_opening_line"] == stored["vegas_points_line"]).all()
    assert (stored["vegas_line_move"] == 0).all()
    assert set(stored["opening_source"]) == {"unavailable", "default"}


def test_lines_fetched_again_unchanged_leave_every_feature_as_it_was(morning: Morning) -> None:
    before = vectors(morning)
    again(morning, morning.warehouse.read(PROPS, dates=[DAY]))
    pd.testing.assert_frame_equal(vectors(morning), before, check_exact=True)


def test_a_later_snapshot_moves_the_line_away_from_its_opening(morning: Morning) -> None:
    before = vectors(morning)
    props = morning.warehouse.read(PROPS, dates=[DAY])
    try:
        again(morning, moved(props, by=1.5, minutes=240))
        once = vectors(morning)
        again(morning, moved(props, by=-2.0, minutes=300))
        twice = vectors(morning)
    finally:
        again(morning, props)
    lined = before["has_vegas_line"] == 1
    for after, move in ((once, 1.5), (twice, -2.0)):
        # The first snapshot's line, also after the third.
        assert (after.loc[lined, "vegas_opening_line"] == before.loc[lined, "vegas_points_line"]).all()
        assert (after.loc[lined, "vegas_line_move"] == move).all()
        assert set(after.loc[lined, "opening_source"]) == {"computed"}
        assert set(after.loc[~lined, "opening_source"]) <= {"default"}
    pd.testing.assert_frame_equal(vectors(morning), before, check_exact=True)


def test_a_player_first_seen_in_a_later_snapshot_opens_there(morning: Morning) -> None:
    props = morning.warehouse.read(PROPS, dates=[DAY])
    openings = morning.warehouse.read(OPENINGS, dates=[DAY])
    late = int(props["player_id"].iloc[0])
    try:
        morning.write(OPENINGS, openings.loc[openings["player_id"] != late], (DAY,))
        again(morning, moved(props, by=1.0, minutes=60))
        found = vectors(morning).loc[late]
        assert found["vegas_line_move"] == 0
        assert found["opening_source"] == "unavailable"
        kept = morning.warehouse.read(OPENINGS, dates=[DAY]).set_index("player_id")
        assert kept.loc[late, "snapshot_at"] > kept["snapshot_at"].min()
    finally:
        morning.write(OPENINGS, openings, (DAY,))
        again(morning, props)


def test_a_line_that_was_taken_down_has_no_opening_in_the_features(morning: Morning) -> None:
    props = morning.warehouse.read(PROPS, dates=[DAY])
    gone = int(props["player_id"].iloc[0])
    try:
        again(morning, moved(props.loc[props["player_id"] != gone], by=1.0, minutes=60))
        stored = vectors(morning)
    finally:
        again(morning, props)
    if gone in stored.index:
        assert stored.loc[gone, "opening_source"] == "default"
        assert stored.loc[gone, "vegas_line_move"] == 0


def test_fantasy_operators_open_nothing(morning: Morning) -> None:
    context, frames, _ = morning.runs["raw_prop_openings"]
    dfs = frames["props"].assign(is_dfs=True, last_update=datetime(2025, 11, 26, 12, tzinfo=UTC))
    process = morning.functions["raw_prop_openings"]
    bare = {"props": dfs, "openings": frames["openings"].iloc[:0]}
    assert process(context, bare, lambda *_: None).frame.empty
    # A fantasy operator that changes its lines later does not make the books' snapshot an earlier one.
    dfs = dfs.drop_duplicates(["player_id", "points_line"])
    both = pd.concat([frames["props"], dfs.assign(bookmaker="prizepicks")], ignore_index=True)
    both.loc[both["is_dfs"], "last_update"] += timedelta(days=2)
    again(morning, both)
    assert morning.warehouse.read(CONTEXT, dates=[DAY])["opening_line"].isna().all()
