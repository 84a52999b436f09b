"""A frame that does not fit is refused before any write, naming table, column and rows."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.errors import SchemaViolation
from tests.warehouse.samples import KINDS, NOON, ROSTERS, kinds, rosters, sample_schemas
from warehouse.frames import validated
from warehouse.schema import load_schemas

SCHEMAS = sample_schemas()


def test_a_missing_and_an_unknown_column_are_named() -> None:
    frame = rosters(1).rename(columns={"source": "sauce"})
    with pytest.raises(SchemaViolation, match=r"nba_raw\.rosters: missing.*'source'.*unknown.*'sauce'"):
        validated(frame, SCHEMAS[ROSTERS])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", 5), ("number", "1.5"), ("number", True), ("whole", 1.5), ("whole", "5"), ("whole", True),
        ("truth", 1), ("truth", "yes"), ("day", "2025-11-07"), ("day", NOON), ("day", 20251107),
        ("moment", dt.datetime(2025, 11, 7)), ("moment", "2025-11-07T00:00:00Z"), ("moment", 5),
        ("number", np.True_), ("number", 2**53 + 1), ("number", 1j), ("text", b"x"), ("moment", NOON.date()),
        ("whole", 2**63), ("exact", "1.5"), ("exact", Decimal("1e-10")), ("texts", {"a": 1}),
        ("exact", "many"), ("floats", "abc"), ("floats", ["x"]), ("texts", [1]), ("texts", "abc"),
    ],
)  # fmt: skip
def test_a_wrong_type_names_column_and_row(column: str, value: Any) -> None:
    frame = pd.concat([kinds(1), kinds(2).assign(**{column: pd.Series([value], dtype=object)})])
    with pytest.raises(SchemaViolation, match=rf"nba_raw\.kinds\.{column} .*wrong type.*rows {{1: "):
        validated(frame, SCHEMAS[KINDS])


@pytest.mark.parametrize(
    "values",
    [pd.Series(["1.5", "2"]), pd.Series([True, False]), pd.to_datetime(["2025-11-07", "2025-11-08"])],
)
def test_a_whole_column_of_a_wrong_type_is_refused_too(values: Any) -> None:
    for column in ("number", "whole"):
        with pytest.raises(SchemaViolation, match=rf"kinds\.{column}"):
            validated(kinds(1, 2).assign(**{column: values}), SCHEMAS[KINDS])


@pytest.mark.parametrize("game", ["0022500123", "20251107_PHX", "20251107_lac_phx", ""])
def test_a_game_under_an_id_of_a_source_s_own_is_refused(game: str) -> None:
    schema = load_schemas()["nba_raw.team_box_scores"]
    frame = pd.DataFrame([dict.fromkeys(schema.column_names) | {"game_id": game}])
    frame = frame.assign(game_date=dt.date(2025, 11, 7), season="2025-26")
    with pytest.raises(SchemaViolation, match=r"team_box_scores\.game_id .*canonical key of a game"):
        validated(frame, schema)


def test_a_column_that_is_there_twice_is_named() -> None:
    frame = rosters(1)
    with pytest.raises(
        SchemaViolation, match=r"nba_raw\.rosters: columns that are there twice: \['source'\]"
    ):
        validated(pd.concat([frame, frame[["source"]]], axis=1), SCHEMAS[ROSTERS])


def test_null_in_a_required_column_names_the_row() -> None:
    frame = pd.concat([rosters(1), rosters(2, name=None)])  # type: ignore[arg-type]
    with pytest.raises(SchemaViolation, match=r"rosters\.player_name .*required but missing: rows {1: "):
        validated(frame, SCHEMAS[ROSTERS])


@pytest.mark.parametrize("value", [math.inf, -math.inf, Decimal("Infinity"), np.float32("inf")])
def test_an_infinity_is_refused(value: float) -> None:
    with pytest.raises(SchemaViolation, match=r"kinds\.number .*infinite: rows {0: "):
        validated(kinds(1, number=value), SCHEMAS[KINDS])


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_an_array_holds_neither_nan_nor_infinity_nor_null(value: Any) -> None:
    frame = pd.concat([kinds(1), kinds(2, floats=[1.0, value])])
    with pytest.raises(SchemaViolation, match=r"kinds\.floats .*NaN.*rows {1: "):
        validated(frame, SCHEMAS[KINDS])


def test_a_key_twice_is_refused_whatever_type_it_came_in() -> None:
    frame = pd.concat([rosters(1, 2), rosters(2).assign(roster_date=pd.Timestamp(2025, 11, 6))])
    frame["roster_date"] = frame["roster_date"].astype(object)
    with pytest.raises(SchemaViolation, match=r"2 rows share their key .*'player_id': '2'"):
        validated(frame, SCHEMAS[ROSTERS])


def test_nan_in_a_nullable_column_is_null() -> None:
    rows = validated(kinds(1, number=math.nan, text=math.nan, whole=math.nan, truth=None), SCHEMAS[KINDS])
    assert rows.select(["number", "text", "whole", "truth"]).to_pylist() == [
        {"number": None, "text": None, "whole": None, "truth": None}
    ]


def test_nullable_dtypes_and_whole_floats_are_taken_for_what_they_hold() -> None:
    frame = kinds(1, 2).assign(
        number=pd.array([1.5, None], dtype="Float64"),
        whole=pd.Series([5.0, math.nan]),
        truth=pd.array([True, None], dtype="boolean"),
    )
    rows = validated(frame, SCHEMAS[KINDS]).select(["number", "whole", "truth"]).to_pylist()
    assert rows == [
        {"number": 1.5, "whole": 5, "truth": True},
        {"number": None, "whole": None, "truth": None},
    ]


def test_an_empty_frame_needs_no_columns() -> None:
    assert validated(pd.DataFrame(), SCHEMAS[KINDS]).num_rows == 0
