"""What every engine promises about writes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from shared.errors import BadRequest, SchemaViolation, SupersededWrite
from tests.warehouse.conftest import PROJECT, Hand
from tests.warehouse.samples import (
    D1,
    D2,
    D3,
    KINDS,
    LEDGER,
    LOG,
    NOON,
    ROSTERS,
    TEAMS,
    kinds,
    log,
    rosters,
    sample_schemas,
)
from warehouse.frames import validated
from warehouse.hashing import content_hash, hash_table
from warehouse.schema import parse_table
from warehouse.writer import Writer


def players(warehouse: Any, **which: Any) -> list[int]:
    return warehouse.read(ROSTERS, **which)["player_id"].tolist()


def test_a_replacement_leaves_exactly_its_rows_in_its_partitions(warehouse: Any, hand: Hand) -> None:
    hand.replace(ROSTERS, rosters(1, 2, 3), D1)
    hand.replace(ROSTERS, rosters(7, day=D2), D2)
    hand.replace(ROSTERS, rosters(2, 9), D1)
    assert players(warehouse, dates=[D1]) == [2, 9]
    assert players(warehouse, dates=[D2]) == [7]


def test_a_partition_without_rows_ends_up_empty(warehouse: Any, hand: Hand) -> None:
    hand.replace(ROSTERS, rosters(1), D1)
    hand.replace(ROSTERS, rosters(2, day=D2), D1, D2)
    assert players(warehouse, dates=[D1]) == []
    hand.replace(ROSTERS, rosters(), D2)
    assert players(warehouse) == []


def test_the_same_replacement_twice_changes_nothing(warehouse: Any, hand: Hand) -> None:
    first = hand.replace(ROSTERS, rosters(1, 2), D1)
    before = hash_table(warehouse, ROSTERS)
    second = hand.replace(ROSTERS, rosters(2, 1), D1)
    assert (first.content_hash, before) == (second.content_hash, hash_table(warehouse, ROSTERS))
    assert not second.replayed


def test_rows_outside_what_is_replaced_are_refused(hand: Hand) -> None:
    with pytest.raises(SchemaViolation, match=r"roster_date: rows outside the partitions replaced"):
        hand.replace(ROSTERS, rosters(1, day=D2), D1)
    with pytest.raises(SchemaViolation, match=r"processor: rows outside the slice 'a'"):
        hand.replace(LOG, log("b", "r"), D1, slice={"processor": "a"})
    with pytest.raises(BadRequest, match=r"no column 'nope'"):
        hand.replace(LOG, log("b", "r"), D1, slice={"nope": "a"})


def test_a_table_without_partitions_is_replaced_whole(warehouse: Any, hand: Hand) -> None:
    hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["LAL", "BOS"], "city": ["x", "y"]}))
    hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["LAC"], "city": ["z"]}), fence=(2, 0))
    assert warehouse.read(TEAMS)["team_abbr"].tolist() == ["LAC"]
    with pytest.raises(SupersededWrite):
        hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["NYK"], "city": ["w"]}), fence=(1, 0))


def test_a_table_without_partitions_has_one_fence_whatever_dates_are_given(
    warehouse: Any, hand: Hand
) -> None:
    hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["LAL"], "city": ["x"]}), D1, fence=(2, 0))
    with pytest.raises(SupersededWrite):
        hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["BOS"], "city": ["y"]}), D2, fence=(1, 0))
    assert warehouse.read(TEAMS)["team_abbr"].tolist() == ["LAL"]


def test_a_write_key_acts_once_even_with_other_content(warehouse: Any, hand: Hand) -> None:
    first = hand.replace(ROSTERS, rosters(1, 2), D1, key="k")
    again = hand.replace(ROSTERS, rosters(3), D1, key="k")
    assert again.replayed
    assert not first.replayed
    assert (again.rows, again.content_hash) == (2, first.content_hash)
    assert players(warehouse) == [1, 2]
    assert len(warehouse.read(LEDGER)) == 1


def test_a_repeated_write_is_answered_from_the_ledger_even_after_a_later_run(
    warehouse: Any, hand: Hand
) -> None:
    hand.replace(ROSTERS, rosters(1), D1, key="k", fence=(1, 0))
    hand.replace(ROSTERS, rosters(2), D1, fence=(2, 0))
    assert hand.replace(ROSTERS, rosters(1), D1, key="k", fence=(1, 0)).replayed
    assert players(warehouse) == [2]


@pytest.mark.parametrize("lower", [(4, 9), (5, 0)])
def test_a_lower_fence_is_refused_and_changes_nothing(
    warehouse: Any, hand: Hand, lower: tuple[int, int]
) -> None:
    hand.replace(ROSTERS, rosters(1), D1, fence=(5, 1))
    ledger = len(warehouse.read(LEDGER))
    with pytest.raises(SupersededWrite, match=r"nba_raw\.rosters 2025-11-0.*nothing was changed") as raised:
        hand.replace(ROSTERS, rosters(2), D1, D2, fence=lower)
    assert f"{lower[0]}/{lower[1]}" in str(raised.value)
    assert "fence 5/1" in str(raised.value)
    with pytest.raises(SupersededWrite):
        hand.merge(ROSTERS, rosters(2), fence=lower)
    assert players(warehouse) == [1]
    assert len(warehouse.read(LEDGER)) == ledger
    # D2 was in the refused write: its fence must not have been raised.
    hand.replace(ROSTERS, rosters(3, day=D2), D2, fence=(1, 0))


def test_an_equal_or_higher_fence_may_write(warehouse: Any, hand: Hand) -> None:
    for fence in ((5, 0), (5, 0), (5, 1), (6, 0)):
        hand.replace(ROSTERS, rosters(fence[0] * 10 + fence[1]), D1, fence=fence)
    assert players(warehouse) == [60]


def test_the_fence_of_one_date_does_not_bind_another(warehouse: Any, hand: Hand) -> None:
    hand.replace(ROSTERS, rosters(1), D1, fence=(9, 0))
    hand.replace(ROSTERS, rosters(2, day=D2), D2, fence=(1, 0))
    assert players(warehouse) == [1, 2]


def test_a_merge_updates_what_is_there_and_inserts_the_rest(warehouse: Any, hand: Hand) -> None:
    hand.replace(ROSTERS, rosters(1, 2), D1)
    hand.merge(ROSTERS, rosters(2, 3, name="new"))
    found = warehouse.read(ROSTERS)
    assert found["player_id"].tolist() == [1, 2, 3]
    assert found["player_name"].tolist() == ["Luka Dončić", "new", "new"]
    hand.merge(ROSTERS, rosters())
    assert players(warehouse) == [1, 2, 3]


def test_who_writes_last_wins_even_where_his_clock_went_back(warehouse: Any) -> None:
    clock = [datetime(2025, 11, 7, 12, tzinfo=UTC)]
    writer = Writer(warehouse, now=lambda: clock[0])
    writer.merge_latest(ROSTERS, rosters(1), write_key="ahead", run_id="")
    clock[0] -= timedelta(hours=30)
    for number, name in enumerate(("second", "third")):
        writer.merge_latest(ROSTERS, rosters(1, name=name), write_key=f"behind {number}", run_id="")
        assert warehouse.read(ROSTERS)["player_name"].tolist() == [name]


def test_slices_of_a_partition_are_independent(warehouse: Any, hand: Hand) -> None:
    hand.replace(LOG, log("a", "x", "y"), D1, slice={"processor": "a"}, fence=(9, 0))
    hand.replace(LOG, log("b", "x"), D1, slice={"processor": "b"}, fence=(1, 0))
    hand.replace(LOG, log("a", "z"), D1, slice={"processor": "a"}, fence=(9, 0))
    found = warehouse.read(LOG)
    assert list(zip(found["processor"], found["request"], strict=True)) == [("a", "z"), ("b", "x")]
    with pytest.raises(SupersededWrite):
        hand.replace(LOG, log("a", "q"), D1, slice={"processor": "a"}, fence=(8, 0))


def test_what_a_caller_does_to_his_frame_is_seen_by_nobody_else(warehouse: Any, hand: Hand) -> None:
    hand.replace(KINDS, kinds(1), D1)
    mine = warehouse.read(KINDS)
    for column, other in (
        ("number", 9.0),
        ("whole", 9),
        ("text", "x"),
        ("moment", pd.Timestamp(0, tz="UTC")),
    ):
        mine.loc[0, column] = other
    mine["floats"].iloc[0].append(9.0)
    mine["more"] = 1
    (row,) = warehouse.read(KINDS).to_dict("records")
    assert (row["number"], row["whole"], row["text"], row["moment"]) == (0.1, 2**60 + 1, "é'\"\\\n", NOON)
    assert row["floats"] == [0.1, -0.0, 1e300]
    assert "more" not in row


def test_merges_of_different_slices_have_no_order_to_keep(warehouse: Any, hand: Hand) -> None:
    hand.merge(LOG, log("later", "x"), slice={"processor": "later"}, fence=(9, 0))
    hand.merge(LOG, log("earlier", "y"), slice={"processor": "earlier"}, fence=(1, 0))
    assert warehouse.read(LOG)["processor"].tolist() == ["earlier", "later"]
    with pytest.raises(SchemaViolation, match="outside the slice"):
        hand.merge(LOG, log("other", "z"), slice={"processor": "later"}, fence=(9, 0))
    with pytest.raises(SupersededWrite):
        hand.merge(LOG, log("later", "z"), slice={"processor": "later"}, fence=(8, 0))


def test_the_ledger_says_what_was_written(warehouse: Any, hand: Hand) -> None:
    quoted = 'it\'s "x"\\@run_id'
    result = hand.replace(
        LOG, log(quoted, "x"), D2, D1, slice={"processor": quoted}, key="k'\"\\", fence=(7, 2)
    )
    row = warehouse.read(LEDGER).iloc[0].to_dict()
    assert row["write_key"] == "k'\"\\"
    assert row["partitions"] == ["2025-11-06", "2025-11-07"]
    assert row["slice"] == f"processor={quoted}"
    assert (row["row_count"], row["content_hash"]) == (1, result.content_hash)
    assert (row["epoch"], row["retrigger"], row["run_id"], row["mode"]) == (7, 2, "run", "replace")
    assert row["written_at"].to_pydatetime() == NOON


def test_every_type_comes_back_as_it_was_written(warehouse: Any, hand: Hand) -> None:
    nothing = dict.fromkeys(("text", "number", "whole", "exact", "truth", "day", "moment", "floats", "texts"))
    frame = pd.concat([kinds(1), kinds(2, **nothing)]).astype({"whole": "Int64"})
    hand.replace(KINDS, frame, D1)
    found = warehouse.read(KINDS)
    full, empty = found.iloc[0], found.iloc[1]
    assert (full["text"], full["number"], full["whole"], full["exact"]) == ("é'\"\\\n", 0.1, 2**60 + 1, 1.5)
    assert (full["truth"], full["day"].date(), full["moment"].to_pydatetime()) == (True, D3, NOON)
    assert (full["floats"], full["texts"]) == ([0.1, -0.0, 1e300], ["a", ""])
    assert all(pd.isna(empty[c]) for c in nothing if c not in ("floats", "texts"))
    assert (empty["floats"], empty["texts"]) == ([], [])
    assert [type(v) for v in (full["floats"][0], full["texts"][0])] == [float, str]
    assert {c: str(found[c].dtype) for c in ("game_date", "moment", "whole", "truth", "exact", "id")} == {
        "game_date": "datetime64[us]", "moment": "datetime64[us, UTC]", "whole": "Int64", "truth": "boolean",
        "exact": "float64", "id": "int64",
    }  # fmt: skip


def test_the_hash_of_a_table_is_the_hash_of_what_was_written(warehouse: Any, hand: Hand) -> None:
    frame = kinds(3, 1, 2, floats=None)
    written = hand.replace(KINDS, frame, D1)
    assert written.content_hash == hash_table(warehouse, KINDS)
    schema = warehouse.schemas[KINDS]
    assert written.content_hash == content_hash(validated(frame, schema), schema)


def test_staged_chunks_come_back_together_in_key_order(warehouse: Any, hand: Hand) -> None:
    first = hand.writer.stage(ROSTERS, rosters(3, 1), chunk="000", write_key="k/0")
    second = hand.writer.stage(ROSTERS, rosters(2), chunk="001", write_key="k/1")
    assert first != second
    assert hand.writer.read_staged([second, first])["player_id"].tolist() == [1, 2, 3]
    assert players(warehouse) == []
    assert hand.writer.read_staged([]).empty


def test_staging_again_repeats_the_name_and_replaces_the_rows(hand: Hand) -> None:
    first = hand.writer.stage(ROSTERS, rosters(1, 2), chunk="000", write_key="k")
    again = hand.writer.stage(ROSTERS, rosters(3), chunk="000", write_key="k")
    assert first == again
    assert hand.writer.read_staged([again])["player_id"].tolist() == [3]


def test_a_sweep_drops_old_staging_tables_and_leaves_young_ones(hand: Hand) -> None:
    name = hand.writer.stage(ROSTERS, rosters(1), chunk="000", write_key="k")
    assert hand.writer.sweep_staging(timedelta(hours=1)) == []
    assert hand.writer.sweep_staging(timedelta(0)) == [name]
    assert hand.writer.sweep_staging(timedelta(0)) == []


@pytest.mark.parametrize("name", ["nba_raw.rosters", "tipoff_staging.x; DROP", "tipoff_staging.nope__0_ab"])
def test_what_is_no_staging_table_is_not_read_as_one(hand: Hand, name: str) -> None:
    with pytest.raises(BadRequest, match="is not a staging table"):
        hand.writer.read_staged([name])


def test_writers_of_other_tables_and_partitions_do_not_disturb_each_other(warehouse: Any, hand: Hand) -> None:
    days = (D1, D2, D3)

    def write(number: int) -> None:
        day = days[number % 3]
        if number % 2:
            hand.replace(ROSTERS, rosters(number, day=day), day, key=f"k{number}")
        else:
            hand.merge(KINDS, kinds(number, on=day), key=f"k{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(12)))
    assert sorted(players(warehouse)) in [sorted(c) for c in _one_each([1, 3, 5, 7, 9, 11])]
    assert sorted(warehouse.read(KINDS)["id"]) == [0, 2, 4, 6, 8, 10]
    assert len(warehouse.read(LEDGER)) == 12


def _one_each(numbers: list[int]) -> list[list[int]]:
    """What may be left: the last writer of each of the three days."""
    by_day = [[n for n in numbers if n % 3 == day] for day in range(3)]
    return [[a, b, c] for a in by_day[0] for b in by_day[1] for c in by_day[2]]


def test_one_write_key_from_many_threads_writes_once(warehouse: Any, hand: Hand) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: hand.replace(ROSTERS, rosters(n), D1, key="k"), range(4)))
    assert [r.replayed for r in results].count(False) == 1
    assert len({r.content_hash for r in results}) == 1
    assert len(warehouse.read(LEDGER)) == 1
    assert hash_table(warehouse, ROSTERS) == results[0].content_hash


def test_making_the_tables_twice_changes_nothing(opened: Callable[..., Any]) -> None:
    made = opened()
    assert set(made.ensure_tables()) == set(sample_schemas())
    assert made.ensure_tables() == []
    for name, schema in sample_schemas().items():
        assert made.describe(name) == {c.name: c.type for c in schema.columns}
    assert made.describe("nba_raw.nothing") == {}
    made.ping()
    assert made.read(TEAMS).empty, "a ping must leave the thread fit for the next query"


def test_several_processes_may_make_the_tables_at_once(opened: Callable[..., Any]) -> None:
    made = opened()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: made.ensure_tables(), range(3)))
    assert made.ensure_tables() == []


def altered(old: str, new: str) -> dict[str, Any]:
    schemas = sample_schemas()
    ddl = schemas[TEAMS].ddl
    assert old in ddl
    return schemas | {TEAMS: parse_table(ddl.replace(old, new), "teams")}


def test_a_new_nullable_column_is_added_with_data_present(opened: Callable[..., Any]) -> None:
    made = opened()
    made.ensure_tables()
    Hand(made).replace(TEAMS, pd.DataFrame({"team_abbr": ["LAL"], "city": ["x"]}))
    grown = opened(altered("city STRING NOT NULL,", "city STRING NOT NULL, arena STRING,"))
    assert grown.ensure_tables() == [f"{TEAMS}.arena"]
    assert grown.read(TEAMS).iloc[0].fillna("nothing").to_dict() == {
        "team_abbr": "LAL", "city": "x", "arena": "nothing",
    }  # fmt: skip
    Hand(grown).merge(
        TEAMS, pd.DataFrame({"team_abbr": ["LAL"], "city": ["x"], "arena": ["y"]}), key="second"
    )
    assert grown.read(TEAMS)["arena"].tolist() == ["y"]


def test_an_older_build_goes_on_beside_a_column_that_a_later_one_added(opened: Callable[..., Any]) -> None:
    later = opened(altered("city STRING NOT NULL,", "city STRING NOT NULL, arena STRING,"))
    later.ensure_tables()
    Hand(later).replace(TEAMS, pd.DataFrame({"team_abbr": ["LAL"], "city": ["x"], "arena": ["y"]}))
    older = opened()
    assert older.ensure_tables() == []
    Hand(older).merge(TEAMS, pd.DataFrame({"team_abbr": ["BOS"], "city": ["b"]}), key="older")
    assert older.read(TEAMS)["city"].tolist() == ["b", "x"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("city STRING", "city INT64", r"nba_reference\.teams\.city is STRING, the DDL says INT64"),
        ("city STRING NOT NULL,", "", r"required columns that the DDL doesn't know: \['city'\]"),
        ("city STRING", "code STRING NOT NULL, city STRING", r"code is new and required"),
    ],
)
def test_a_table_that_differs_otherwise_is_refused(
    opened: Callable[..., Any], old: str, new: str, complaint: str
) -> None:
    opened().ensure_tables()
    with pytest.raises(SchemaViolation, match=complaint):
        opened(altered(old, new)).ensure_tables()


@pytest.mark.project
def test_the_contract_is_run_against_a_real_project_too() -> None:
    if not PROJECT:
        pytest.skip("TIPOFF_TEST_PROJECT is not set: nothing here has met BigQuery itself")
