"""What the simulated season's worker breaks is broken for whoever asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.simulated_season_worker import Orders, break_warehouse
from shared.errors import WarehouseUnavailable
from tests.warehouse.samples import ROSTERS
from warehouse.duckdb_engine import DuckDBWarehouse


@pytest.mark.parametrize("read", ["read", "read_table"])
def test_a_warehouse_refuses_a_reader_of_frames_and_of_arrow_alike(
    read: str, engine: DuckDBWarehouse, tmp_path: Path
) -> None:
    orders = tmp_path / "orders.json"
    orders.write_text(json.dumps({"refuse": {"id": "1", "calls": 1}}))
    break_warehouse(Orders(orders))
    asked = getattr(engine, read)
    with pytest.raises(WarehouseUnavailable, match="refused on demand"):
        asked(ROSTERS)
    asked(ROSTERS)
