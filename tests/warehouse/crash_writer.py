"""Writes to an embedded warehouse for ever; tests kill it at any moment."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tests.warehouse.samples import D1, NOON, ROSTERS, rosters, sample_schemas
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.writer import Fence, Writer


def main(path: str, run: str) -> None:
    """Replaces one partition again and again with as many rows as the write has a number."""
    warehouse = DuckDBWarehouse(Path(path), sample_schemas())
    warehouse.ensure_tables()
    writer = Writer(warehouse, now=lambda: NOON)
    for number in itertools.count(1):
        frame = rosters(*range(200 + number % 50), name=f"{run}/{number}")
        writer.replace(
            ROSTERS, frame, partitions=[D1], write_key=f"{run}/{number}", fence=Fence(int(run)), run_id=run
        )
        print(f"{run}/{number}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
