"""In SQL, identifiers come from the schema and values are parameters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import TipoffError
from warehouse.connect import connect

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("activities", "shared", "starter", "warehouse", "worker", "workflows")
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \S+ SET|MERGE|COMMENT ON|CREATE TABLE|ALTER TABLE)\b"
)
ALLOWED = {
    "warehouse/duckdb_engine.py": "a COMMENT takes no parameters; its text is an instant of our own",
    "warehouse/bigquery_sql.py": "a constant; and `literal`, which test_bigquery_jobs.py tests",
}
EVIL = ["' OR 1=1 --", "'; DROP TABLE nba_raw.schedule; --", '" OR "" = "', "\\' OR 1=1 --", "@day", "x\x00y"]


def quoted_holes(source: str) -> Iterator[int]:
    """Lines of SQL texts with a value put between quotes, by whatever means of formatting."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "\0" for p in node.values]
            text = "".join(str(part) for part in parts)
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
        ):
            held = node.func.value
            text = held.value.replace("{", "\0") if isinstance(held, ast.Constant) else ""
        elif (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
        ):
            text = str(node.left.value).replace("%", "\0")
        else:
            continue
        if SQL.search(text) and re.search(r"'\s*\0", text):
            yield node.lineno


def test_no_value_is_put_between_quotes_in_sql():
    found = [
        f"{file.relative_to(ROOT)}:{line}: give the value as a parameter (@name)"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if str(file.relative_to(ROOT)) not in ALLOWED
        for line in quoted_holes(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "f\"SELECT a FROM t WHERE x = '{x}'\"",
        "\"SELECT a FROM t WHERE x = '{}'\".format(x)",
        "\"SELECT a FROM t WHERE x = '%s'\" % x",
        'f"SELECT a " f"FROM t WHERE day = DATE \'{day}\'"',
    ],
)
def test_a_value_between_quotes_is_found(source):
    assert list(quoted_holes(source)) == [1]


def test_values_that_would_change_a_query_change_nothing(tmp_path):
    warehouse = connect("duckdb", home=tmp_path)
    try:
        warehouse.ensure_tables()
        for evil in EVIL:
            counted = warehouse.query(
                "SELECT COUNT(*) AS n FROM nba_raw.schedule WHERE game_id = @evil", {"evil": evil}
            )
            assert int(counted["n"].iloc[0]) == 0
            assert warehouse.read("nba_raw.scrape_log", equals={"processor": evil}).empty
            for wrong in ({"columns": [evil]}, {"equals": {evil: "x"}}):
                with pytest.raises(TipoffError):
                    warehouse.read("nba_raw.schedule", **wrong)
            with pytest.raises(TipoffError):
                warehouse.read(f"nba_raw.schedule{evil}")
        assert warehouse.query("SELECT COUNT(*) AS n FROM nba_raw.schedule")["n"].iloc[0] == 0
    finally:
        warehouse.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE nba_raw.schedule",
        "SELECT 1; DROP TABLE nba_raw.schedule",
        "INSERT INTO nba_raw.schedule (game_id) VALUES ('x')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY nba_raw.schedule TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.duckdb'",
        "SET enable_external_access = true",
    ],
)
def test_what_is_not_one_select_of_our_tables_is_refused(sql, tmp_path):
    warehouse = connect("duckdb", home=tmp_path)
    try:
        warehouse.ensure_tables()
        with pytest.raises(TipoffError):
            warehouse.query(sql)
    finally:
        warehouse.close()
