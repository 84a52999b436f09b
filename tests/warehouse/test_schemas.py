"""The DDL files are whole, and the registry agrees with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.phases import PHASES
from shared.registry import WriteMode
from warehouse.schema import load_schemas, parse_table

SCHEMAS = load_schemas()
PROCESSORS = [p for phase in PHASES for p in phase.processors]
REPLACED_BY_SLICE = {p.table for p in PROCESSORS if p.slice_column}
"""Tables that are never merged into. A slice column that came later is NULL in the rows before it."""


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_table_can_be_made_on_bigquery_as_it_is_written(name: str) -> None:
    schema = SCHEMAS[name]
    assert "IF NOT EXISTS" in schema.ddl
    assert schema.description, "a table says what it is"
    assert [c.name for c in schema.columns if not c.description] == []
    columns = {c.name: c for c in schema.columns}
    # BigQuery knows no required array, and MERGE never matches a NULL key.
    assert [c.name for c in schema.columns if c.required and c.type.startswith("ARRAY")] == []
    assert name in REPLACED_BY_SLICE or [k for k in schema.key if not columns[k].required] == []
    assert schema.partition is None or columns[schema.partition].type == "DATE"
    assert schema.partition is None or columns[schema.partition].required


def test_a_key_lies_within_one_partition() -> None:
    # A merge on BigQuery looks for its keys in the partitions touched only. The ledger is never merged.
    across = {s.name for s in SCHEMAS.values() if s.partition and s.partition not in s.key}
    assert across == {"nba_orchestration.write_ledger"}


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda p: p.name)
def test_the_registry_and_the_tables_agree(processor: object) -> None:
    written = SCHEMAS[processor.table]  # type: ignore[attr-defined]
    assert written.key == processor.key  # type: ignore[attr-defined]
    assert written.partition == processor.partition  # type: ignore[attr-defined]
    slice_column = processor.slice_column  # type: ignore[attr-defined]
    assert slice_column is None or slice_column in written.key
    for read in processor.reads:  # type: ignore[attr-defined]
        assert read.table in SCHEMAS, f"{read.name} reads a table that doesn't exist"
        assert set(read.columns) <= set(SCHEMAS[read.table].column_names)
        assert SCHEMAS[read.table].partition, f"{read.name} has no partition to take a window of"


def test_a_table_has_one_writer_or_slices() -> None:
    writers: dict[str, list[str | None]] = {}
    for processor in PROCESSORS:
        if processor.mode is not WriteMode.STAGE:
            writers.setdefault(processor.table, []).append(processor.slice_column)
    assert {t: s for t, s in writers.items() if len(s) > 1 and None in s} == {}


@pytest.mark.parametrize(
    ("ddl", "complaint"),
    [
        ("CREATE TABLE d.t (a GEOGRAPHY, PRIMARY KEY (a) NOT ENFORCED)", "column a: type GEOGRAPHY"),
        ("CREATE TABLE d.t (a STRING)", "PRIMARY KEY"),
        ("CREATE TABLE d.t (a STRING, PRIMARY KEY (b) NOT ENFORCED)", "'b' is not a column"),
        ("CREATE TABLE d.t (a DATE, PRIMARY KEY (a) NOT ENFORCED) PARTITION BY b", "'b' is not a column"),
        ("SELECT 1", "expected one CREATE TABLE"),
        ("CREATE TABLE (", "d/t"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_by_file_and_reason(ddl: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as raised:
        parse_table(ddl, "d/t.sql")
    assert "d/t.sql" in str(raised.value)


def test_a_file_named_otherwise_than_its_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no table definitions"):
        load_schemas(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "u.sql").write_text("CREATE TABLE d.t (a STRING, PRIMARY KEY (a) NOT ENFORCED)")
    with pytest.raises(ConfigurationError, match=r"d/u\.sql defines d\.t"):
        load_schemas(tmp_path)
