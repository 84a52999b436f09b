"""What is refused before any engine sees it, and by which name."""

from __future__ import annotations

import pytest

from shared.errors import UnsupportedSql
from warehouse.dialect import select_only, to_duckdb

REFUSED = {
    "DELETE FROM nba_raw.rosters WHERE TRUE": "exactly one SELECT",
    "SELECT 1; SELECT 2": "exactly one SELECT",
    "": "exactly one SELECT",
    "SELECT FROM WHERE": "sql: ",
    "SELECT CAST(2.5 AS INT64)": "CAST to INT64",
    "SELECT CAST(2.5 AS NUMERIC)": "CAST to NUMERIC",
    "SELECT CAST(1.0 AS STRING)": "CAST to STRING",
    "SELECT EXTRACT(DAYOFWEEK FROM d) FROM nba_raw.t": "EXTRACT",
    "SELECT x FROM nba_raw.t, UNNEST(t.a) AS x WITH OFFSET AS o": "UNNEST",
    "SELECT * FROM UNNEST(@a)": "UNNEST",
    "SELECT city LIKE 'a\\\\%b' FROM nba_raw.t": "backslash",
    "SELECT CURRENT_DATE()": "CURRENT",
    "SELECT 7 / 2": "DIV",
    "SELECT RAND()": "RAND",
    "SELECT * FROM read_csv('/etc/passwd')": "not on the list",
    "SELECT APPROX_COUNT_DISTINCT(x) FROM nba_raw.t": "not on the list",
    "SELECT STRING_AGG(x) FROM nba_raw.t": "not on the list",
    "SELECT * FROM sqlite_master": "dataset.table",
    "SELECT * FROM INFORMATION_SCHEMA.TABLES": "engine's own",
    "SELECT * FROM `nba_raw.INFORMATION_SCHEMA.TABLES`": "engine's own",
    "SELECT AS STRUCT 1 AS a": "SELECT AS STRUCT",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT n FROM t": "RECURSIVE",
    "SELECT FORMAT_DATE('%A', d) FROM nba_raw.t": "not on the list",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_the_engines_answer_differently_is_refused_by_name(sql: str) -> None:
    with pytest.raises(UnsupportedSql, match=REFUSED[sql]):
        select_only(sql)


def test_an_accepted_statement_goes_to_bigquery_as_it_was_written() -> None:
    sql = "SELECT  team_abbr FROM `nba_raw.rosters`  -- as typed"
    assert select_only(sql) == sql


@pytest.mark.parametrize(
    "name", ["`p.nba_raw.rosters`", "p.nba_raw.rosters", "`nba_raw.rosters`", "nba_raw.rosters"]
)
def test_a_project_before_a_table_means_the_one_there_is(name: str) -> None:
    assert to_duckdb(f"SELECT 1 AS x FROM {name}") == "SELECT 1 AS x FROM nba_raw.rosters"
