"""Every processor of the registry, on no input, one game, a full slate, a duplicate and a missing field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest

from activities.compute import ComputePool
from activities.processor import Frames, Output, ProcessorContext
from shared.errors import TipoffError
from shared.phases import PROCESSOR_NAMES, processor_named
from tests.in_process import Morning, silent
from tests.replay.conftest import start, stop
from warehouse.frames import validated

DAY = date(2025, 11, 26)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """A full slate of the simulated season, run once; the cases vary what its processors were given."""
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    try:
        morning = Morning(tmp_path_factory.mktemp("home"), replay.base, "simulated", DAY - timedelta(days=1))
        morning.history(date(2025, 10, 1), DAY - timedelta(days=3))
        morning.train()
        morning.train(days_before=3, action="shadow")
        morning.run()
        morning.advance_to(DAY)
        morning.run()
        yield morning
        morning.warehouse.close()
    finally:
        stop(replay)


def run(morning: Morning, name: str, context: ProcessorContext, frames: Frames) -> pd.DataFrame:
    """Runs a processor and puts what it gives through the checks before a write."""
    output: Output = morning.functions[name](context, frames, silent)
    schema = morning.warehouse.schemas[processor_named(name).table]
    rows = validated(output.frame, schema).to_pandas()
    if schema.partition and len(rows) and processor_named(name).mode == "replace":
        assert set(pd.to_datetime(rows[schema.partition]).dt.date) <= set(output.partitions)
    return rows


@pytest.mark.parametrize("name", PROCESSOR_NAMES)
def test_a_full_slate_gives_rows_that_fit_the_table(morning: Morning, name: str) -> None:
    context, frames, _ = morning.runs[name]
    rows = run(morning, name, context, frames)
    nothing_to_do = {"raw_players", "withheld_players", "prediction_results", "system_daily_performance"}
    assert len(rows) or name in nothing_to_do


def test_a_process_of_its_own_gives_what_the_worker_would_give_itself(morning: Morning) -> None:
    pool = ComputePool(morning.around.settings, 1)
    try:
        for name, (context, _, output) in morning.runs.items():
            if processor_named(name).computes:
                there = pool.run(name, context, morning.tables[name])
                assert there.partitions == output.partitions
                assert (there.warnings, there.facts) == (output.warnings, output.facts)
                pd.testing.assert_frame_equal(there.frame, output.frame)
    finally:
        pool.close()


@pytest.mark.parametrize("name", PROCESSOR_NAMES)
def test_no_input_gives_no_rows_or_an_error_with_a_name(morning: Morning, name: str) -> None:
    context, frames, _ = morning.runs[name]
    empty = {key: frame.iloc[:0] for key, frame in frames.items()}
    bare = ProcessorContext(**{**context.__dict__, "staged": context.staged.iloc[:0]})
    try:
        rows = run(morning, name, bare, empty)
    except TipoffError as error:
        assert str(error)  # noqa: PT017
        return
    needs_no_input = name in {
        "system_calibration",
        "scrape_schedule",
        "scrape_injuries",
        "published_documents",
        "daily_brief",
        "scrape_quality",
        "raw_quality",
    }
    assert needs_no_input or rows.empty


@pytest.mark.parametrize("name", PROCESSOR_NAMES)
def test_one_game_gives_rows_of_that_game_only(morning: Morning, name: str) -> None:
    context, frames, _ = morning.runs[name]
    one = {key: _one_game(frame) for key, frame in frames.items()}
    bare = ProcessorContext(**{**context.__dict__, "staged": _one_game(context.staged)})
    rows = run(morning, name, bare, one)
    # What the table held before, and the ids of games, are not what its rows are made of.
    beside = ("present", "earlier_schedule")
    if "game_id" in rows and any("game_id" in f for key, f in frames.items() if key not in beside):
        dates = rows["game_id"].str[:8]
        assert (rows.groupby(dates)["game_id"].nunique() <= 1).all()


@pytest.mark.parametrize("name", PROCESSOR_NAMES)
def test_a_duplicated_row_never_becomes_two(morning: Morning, name: str) -> None:
    context, frames, output = morning.runs[name]
    doubled = {
        key: pd.concat([f, f.iloc[:1]], ignore_index=True) if len(f) else f for key, f in frames.items()
    }
    try:
        rows = run(morning, name, context, doubled)
    except (TipoffError, pd.errors.MergeError) as error:
        complaint = str(error)
        said = ("not unique", "share their key", "twice", "more than one")
        assert any(words in complaint for words in said), error  # noqa: PT017
        return
    assert len(rows) <= len(output.frame) + 1


@pytest.mark.parametrize("name", PROCESSOR_NAMES)
def test_a_missing_field_is_named(morning: Morning, name: str) -> None:
    context, frames, _ = morning.runs[name]
    fields = [(key, column) for key, frame in frames.items() if len(frame) for column in frame.columns]
    named = 0
    for key, column in fields:
        without = {**frames, key: frames[key].drop(columns=column)}
        try:
            run(morning, name, context, without)
        except (TipoffError, KeyError, AttributeError) as error:
            complaint = str(error)
            named += 1
            # `cache_date` and `analysis_date` are `game_date` by the time they are missed.
            renamed = "game_date" if column in ("cache_date", "analysis_date") else column
            assert column in complaint or renamed in complaint, f"{name} without {key}.{column}: {error!r}"  # noqa: PT017
    reads_nothing = {"system_calibration", "scrape_schedule", "scrape_injuries", "player_prop_predictions"}
    assert named or name in reads_nothing, f"{name} reads no column of its inputs"


def _one_game(frame: pd.DataFrame) -> pd.DataFrame:
    """The first game of each date, where a frame has games."""
    if "game_id" not in frame or frame.empty:
        return frame
    first = frame.groupby(frame["game_id"].str[:8])["game_id"].transform("min")
    return frame[frame["game_id"] == first]
