"""What the simulated season's worker breaks is broken for whoever asks."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.simulated_season_worker import Orders, break_warehouse
from shared.errors import WarehouseUnavailable
from tests.warehouse.samples import ROSTERS, sample_schemas
from warehouse.duckdb_engine import DuckDBWarehouse


@pytest.mark.parametrize("read", ["read", "read_table"])
def test_a_warehouse_refuses_a_reader_of_frames_and_of_arrow_alike(
    read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("read_table", "apply", "stage", "read_staged"):
        monkeypatch.setattr(DuckDBWarehouse, name, getattr(DuckDBWarehouse, name))
    orders = tmp_path / "orders.json"
    orders.write_text(json.dumps({"refuse": {"id": "1", "calls": 1}}))
    with closing(DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())) as warehouse:
        warehouse.ensure_tables()
        break_warehouse(Orders(orders))
        asked = getattr(warehouse, read)
        with pytest.raises(WarehouseUnavailable, match="refused on demand"):
            asked(ROSTERS)
        asked(ROSTERS)
