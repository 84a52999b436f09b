"""What every engine promises about reads, and that both answer each allowed construct alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlglot import exp

from shared.errors import BadRequest, TipoffError, UnsupportedSql
from tests.warehouse.conftest import Hand
from tests.warehouse.samples import D1, D2, D3, KINDS, LOG, NOON, ROSTERS, TEAMS, kinds, log, rosters
from warehouse.dialect import ALLOWED, parsed


def test_since_is_included_and_until_is_not(warehouse: Any, hand: Hand) -> None:
    for day, player in ((D1, 1), (D2, 2), (D3, 3)):
        hand.replace(ROSTERS, rosters(player, day=day), day)

    def players(**which: Any) -> list[int]:
        return warehouse.read(ROSTERS, **which)["player_id"].tolist()

    assert players(since=D2) == [2, 3]
    assert players(until=D2) == [1]
    assert players(since=D1, until=D3) == [1, 2]
    assert players(dates=[D3, D1]) == [1, 3]
    assert players(dates=[]) == []
    assert players() == [1, 2, 3]


def test_rows_come_in_key_order_with_the_columns_asked_for(warehouse: Any, hand: Hand) -> None:
    hand.replace(ROSTERS, pd.concat([rosters(2, 1, team="LAL"), rosters(9, team="BOS")]), D1)
    found = warehouse.read(ROSTERS, columns=["player_id", "team_abbr"])
    assert found.to_dict("list") == {"player_id": [9, 1, 2], "team_abbr": ["BOS", "LAL", "LAL"]}


def test_equality_narrows_a_read(warehouse: Any, hand: Hand) -> None:
    for processor in ("it's", "b"):
        hand.replace(LOG, log(processor, "x"), D1, slice={"processor": processor})
    assert warehouse.read(LOG, dates=[D1], equals={"processor": "it's"})["processor"].tolist() == ["it's"]


def test_an_empty_table_still_has_its_columns_and_types(warehouse: Any) -> None:
    found = warehouse.read(KINDS)
    assert tuple(found.columns) == warehouse.schemas[KINDS].column_names
    assert {c: str(found[c].dtype) for c in ("game_date", "id", "number", "moment")} == {
        "game_date": "datetime64[us]", "id": "int64", "number": "float64", "moment": "datetime64[us, UTC]",
    }  # fmt: skip


def test_an_unknown_table_or_column_is_named(warehouse: Any) -> None:
    with pytest.raises(BadRequest, match=r"no table 'nba_raw\.nope'"):
        warehouse.read("nba_raw.nope")
    with pytest.raises(BadRequest, match="no column 'nope'"):
        warehouse.read(ROSTERS, columns=["nope"])
    with pytest.raises(BadRequest, match="no column 'nope'"):
        warehouse.read(ROSTERS, equals={"nope": "x"})
    with pytest.raises(BadRequest):
        warehouse.query("SELECT * FROM nba_raw.nope")


@pytest.fixture
def filled(warehouse: Any, hand: Hand) -> Any:
    """Three rows of every type, two teams."""
    rows = [
        kinds(1, whole=5, number=2.5, exact=Decimal("1.123456789"), text="b", floats=[1.0, 2.0]),
        kinds(2, whole=7, number=-2.5, exact=Decimal("0.000000001"), text="a", truth=False, floats=[]),
        kinds(3, whole=None, number=None, exact=None, text=None, truth=None, day=None, floats=[3.0]),
    ]
    hand.replace(KINDS, pd.concat(rows).astype({"whole": "Int64", "exact": object}), D1)
    hand.replace(TEAMS, pd.DataFrame({"team_abbr": ["a", "c"], "city": ["Å", "x_y"]}))
    return warehouse


K = "FROM nba_raw.kinds"
RESULTS: list[tuple[str, list[Any]]] = [
    (f"SELECT SUM(whole) {K}", [12]),
    (f"SELECT COUNT(*) AS n {K}", [3]),
    (f"SELECT COUNT(whole) AS n {K}", [2]),
    (f"SELECT COUNT(DISTINCT text) AS n {K}", [2]),
    (f"SELECT COUNTIF(truth) AS n {K}", [1]),
    (f"SELECT MIN(whole) AS n {K}", [5]),
    (f"SELECT MAX(text) AS n {K}", ["b"]),
    (f"SELECT AVG(whole) AS n {K}", [6.0]),
    (f"SELECT ROUND(number) AS n {K} ORDER BY id", [3.0, -3.0, None]),
    (f"SELECT ROUND(exact, 2) AS n {K} WHERE id = 1", [1.12]),
    (f"SELECT ROUND(whole) AS n {K} WHERE id = 1", [5.0]),
    (f"SELECT ABS(number) AS n {K} WHERE id = 2", [2.5]),
    (f"SELECT SAFE_DIVIDE(whole, 2) AS n {K} ORDER BY id", [2.5, 3.5, None]),
    (f"SELECT SAFE_DIVIDE(whole, 0) AS n {K} WHERE id = 1", [None]),
    (f"SELECT whole * 2 + 1 - 3 AS n {K} WHERE id = 1", [8]),
    ("SELECT 0.1 + 0.2 AS n", [0.1 + 0.2]),
    (f"SELECT -whole AS n {K} WHERE id = 1", [-5]),
    (f"SELECT CAST(whole AS FLOAT64) AS n {K} WHERE id = 1", [5.0]),
    ("SELECT CAST('2025-11-07' AS DATE) AS d", [pd.Timestamp(D2)]),
    (f"SELECT DATE(moment) AS d {K} WHERE id = 1", [pd.Timestamp(NOON.date())]),
    (f"SELECT id {K} WHERE day = DATE '2025-11-08' ORDER BY id", [1, 2]),
    (f"SELECT id {K} WHERE day BETWEEN DATE '2025-11-08' AND DATE '2025-11-09' ORDER BY id DESC", [2, 1]),
    (f"SELECT id {K} WHERE whole >= 5 AND whole < 7", [1]),
    (f"SELECT id {K} WHERE (whole <= 5 OR id = 2) AND whole <> 7 AND TRUE", [1]),
    (f"SELECT DATE(moment, 'Pacific/Kiritimati') AS d {K} WHERE id = 1", [pd.Timestamp(D3)]),
    (f"SELECT id {K} WHERE text LIKE 'a%'", [2]),
    ("SELECT city FROM nba_reference.teams WHERE city LIKE 'x_y'", ["x_y"]),
    (f"SELECT id {K} WHERE text IS NULL OR NOT truth ORDER BY id", [2, 3]),
    (f"SELECT id {K} WHERE whole IN (5, 6)", [1]),
    (f"SELECT id {K} WHERE text IN (SELECT team_abbr FROM nba_reference.teams)", [2]),
    (
        f"SELECT id {K} WHERE EXISTS (SELECT 1 FROM nba_reference.teams WHERE team_abbr = text)",
        [2],
    ),
    (f"SELECT text {K} ORDER BY text", [None, "a", "b"]),
    (f"SELECT text {K} ORDER BY text DESC", ["b", "a", None]),
    (f"SELECT id {K} ORDER BY id LIMIT 1 OFFSET 1", [2]),
    (f"SELECT COALESCE(text, 'none') AS t {K} ORDER BY id", ["b", "a", "none"]),
    (f"SELECT IF(whole > 5, 'more', 'less') AS t {K} ORDER BY id", ["less", "more", "less"]),
    (f"SELECT CASE WHEN whole > 5 THEN 1 ELSE 0 END AS t {K} ORDER BY id", [0, 1, 0]),
    (f"SELECT CONCAT(text, '!') AS t {K} ORDER BY id", ["b!", "a!", None]),
    ("SELECT LOWER(city) AS t FROM nba_reference.teams WHERE team_abbr = 'a'", ["å"]),
    ("SELECT UPPER(team_abbr) AS t FROM nba_reference.teams WHERE team_abbr = 'a'", ["A"]),
    ("SELECT LENGTH(city) AS t FROM nba_reference.teams WHERE team_abbr = 'a'", [1]),
    (f"SELECT ARRAY_LENGTH(floats) AS n {K} ORDER BY id", [2, 0, 1]),
    ("SELECT f FROM nba_raw.kinds AS k, UNNEST(k.floats) AS f ORDER BY f", [1.0, 2.0, 3.0]),
    (
        f"SELECT truth, COUNT(*) AS n {K} GROUP BY truth HAVING COUNT(*) > 0 ORDER BY truth",
        [None, False, True],
    ),
    (f"SELECT DISTINCT game_date {K}", [pd.Timestamp(D1)]),
    ("SELECT t.city FROM nba_raw.kinds AS k JOIN nba_reference.teams AS t ON k.text = t.team_abbr", ["Å"]),
    (
        f"SELECT city {K} AS k LEFT JOIN nba_reference.teams AS t ON k.text = t.team_abbr ORDER BY id",
        [None, "Å", None],
    ),
    (f"WITH w AS (SELECT id {K}) SELECT MAX(id) AS n FROM w", [3]),
    ("SELECT team_abbr FROM nba_reference.teams UNION DISTINCT SELECT 'a' AS x ORDER BY 1", ["a", "c"]),
    ("SELECT team_abbr FROM nba_reference.teams EXCEPT DISTINCT SELECT 'a' AS x", ["c"]),
    ("SELECT team_abbr FROM nba_reference.teams INTERSECT DISTINCT SELECT 'a' AS x", ["a"]),
    (f"SELECT ROW_NUMBER() OVER (ORDER BY id DESC) AS n {K} ORDER BY id", [3, 2, 1]),
    (f"SELECT RANK() OVER (PARTITION BY game_date ORDER BY text) AS n {K} ORDER BY id", [3, 2, 1]),
    (f"SELECT SUM(whole) OVER (PARTITION BY game_date) AS n {K} WHERE whole IS NOT NULL", [12, 12]),
    ("SELECT * EXCEPT (city) FROM `nba_reference.teams` ORDER BY team_abbr", ["a", "c"]),
]


def test_each_allowed_construct_has_its_result(filled: Any) -> None:
    wrong = {}
    for sql, expected in RESULTS:
        try:
            column = filled.query(sql).iloc[:, 0]
        except TipoffError as error:
            wrong[sql] = repr(error)[:200]
            continue
        found = [None if pd.isna(v) else v for v in column]
        whole = bool(expected) and all(type(v) is int for v in expected)
        if found != expected or (whole and column.dtype != "int64"):
            wrong[sql] = f"{found} ({column.dtype}), expected {expected}"
    assert wrong == {}


def test_every_construct_on_the_list_has_a_result_here() -> None:
    seen = {type(node) for sql, _ in RESULTS for node in parsed(sql).walk()}
    by_parameters = {exp.Parameter, exp.Var}
    assert {kind.__name__ for kind in set(ALLOWED) - seen - by_parameters} == set()


def test_a_sum_of_numeric_is_exact(filled: Any) -> None:
    assert filled.query(f"SELECT SUM(exact) AS total {K}")["total"].tolist() == [1.12345679]


def test_parameters_are_values_never_text(filled: Any) -> None:
    sql = f"SELECT id {K} WHERE text = @text AND whole >= @least AND day = @day AND moment = @moment"
    asked = {"text": "b", "least": 5, "day": D3, "moment": NOON}
    assert filled.query(sql, asked)["id"].tolist() == [1]
    assert filled.query(sql, asked | {"text": "b' OR TRUE --"})["id"].tolist() == []
    several = "SELECT id FROM nba_raw.kinds WHERE id IN UNNEST(@ids) ORDER BY id"
    assert filled.query(several, {"ids": [3, 1]})["id"].tolist() == [1, 3]


@pytest.mark.parametrize("value", [None, [], np.int64(1)])
def test_a_parameter_without_a_type_is_refused_on_either_engine(filled: Any, value: Any) -> None:
    with pytest.raises(BadRequest, match="params: ids"):
        filled.query("SELECT id FROM nba_raw.kinds WHERE id IN UNNEST(@ids)", {"ids": value})


def test_a_missing_parameter_is_the_callers_mistake(filled: Any) -> None:
    with pytest.raises(BadRequest):
        filled.query("SELECT id FROM nba_raw.kinds WHERE text = @text", {})


@pytest.mark.parametrize(
    "sql", ["DROP TABLE nba_raw.kinds", "SELECT CAST(number AS INT64) FROM nba_raw.kinds"]
)
def test_no_engine_is_sent_what_is_not_on_the_list(filled: Any, sql: str) -> None:
    with pytest.raises(UnsupportedSql):
        filled.query(sql)


def test_a_timestamp_parameter_of_another_zone_is_the_same_instant(filled: Any) -> None:
    elsewhere = NOON.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    sql = "SELECT COUNT(*) AS n FROM nba_raw.kinds WHERE moment = @moment"
    assert filled.query(sql, {"moment": elsewhere})["n"].tolist() == [3]
