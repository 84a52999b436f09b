"""What a benchmark's worker changes in the embedded engine is undone after a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.samples import sample_schemas
from warehouse.duckdb_engine import DuckDBWarehouse


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDBWarehouse]:
    """An embedded warehouse with the sample tables, whose class may be changed."""
    for name, value in list(vars(DuckDBWarehouse).items()):
        if callable(value):
            monkeypatch.setattr(DuckDBWarehouse, name, value)
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())
    warehouse.ensure_tables()
    yield warehouse
    warehouse.close()
