"""`tipoff schema check`: every way in which a live table can differ from its DDL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from activities.operations.schema_check import differences, judged_tables
from tests.operations.lived_days import copied, surroundings
from warehouse.schema import LiveTable, load_schemas

TABLE = "nba_raw.rosters"
SCHEMA = load_schemas()[TABLE]
AS_DEFINED = LiveTable({c.name: (c.type, c.required) for c in SCHEMA.columns}, SCHEMA.partition)


def found_in(home: Path, *statements: str) -> dict[tuple[str, str], tuple[str, str]]:
    """What is not well after a change of the live tables: status and sample by table and check."""
    with surroundings(home, None) as around:
        # Opened by now, as a worker that runs: what it makes at its start has been made.
        for statement in statements:
            with around.warehouse._file.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(statement)
        judged = judged_tables(around.warehouse)
    return {
        (check.dataset, check.name): (outcome.status, outcome.sample_ref or "")
        for check, outcome in judged
        if outcome.status != "pass"
    }


def test_tables_that_were_made_from_the_ddl_are_as_defined(lived_home: Path, tmp_path: Path) -> None:
    assert found_in(copied(lived_home, tmp_path / "home")) == {}


@pytest.mark.parametrize(
    ("change", "check", "status", "said"),
    [
        ("DROP TABLE {t}", "the_table_is_as_defined", "fail", "missing"),
        ("ALTER TABLE {t} DROP COLUMN resolution", "the_table_is_as_defined", "fail",
         "no required column resolution STRING"),
        ("ALTER TABLE {t} ALTER COLUMN player_id TYPE VARCHAR", "the_table_is_as_defined", "fail",
         "player_id is STRING, not INT64"),
        ("ALTER TABLE {t} ALTER COLUMN source DROP NOT NULL", "the_table_is_as_defined", "fail",
         "source is NULLABLE, not REQUIRED"),
        ("ALTER TABLE {t} ADD COLUMN height DOUBLE", "no_column_is_unknown", "warn", "height FLOAT64"),
    ],
)  # fmt: skip
def test_a_change_of_a_live_table_is_found_and_named(
    change: str, check: str, status: str, said: str, lived_home: Path, tmp_path: Path
) -> None:
    found = found_in(copied(lived_home, tmp_path / "home"), change.format(t=TABLE))
    assert found == {(TABLE, check): (status, said)}


def test_what_only_bigquery_can_have_wrong_is_found_too() -> None:
    assert differences(SCHEMA, AS_DEFINED) == []
    assert differences(SCHEMA, replace(AS_DEFINED, partition=None)) == [
        "partitioned by nothing, not roster_date"
    ]
    assert differences(SCHEMA, replace(AS_DEFINED, partition="loaded_on")) == [
        "partitioned by loaded_on, not roster_date"
    ]
    more = replace(AS_DEFINED, columns={**AS_DEFINED.columns, "height": ("FLOAT64", True)})
    assert differences(SCHEMA, more) == ["height is REQUIRED and unknown: no row can be written"]
