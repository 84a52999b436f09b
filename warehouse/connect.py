"""Chooses the engine."""

from __future__ import annotations

from pathlib import Path

from shared.errors import ConfigurationError
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.protocol import Warehouse
from warehouse.schema import load_schemas


def connect(url: str, *, home: Path) -> Warehouse:
    """The warehouse of a URL: `duckdb`, or `bigquery://project[/location][?endpoint=http://…]`.

    Raises:
        ConfigurationError: an unknown kind of warehouse.
        WarehouseLocked: the embedded file is held by another process.
    """
    schemas = load_schemas()
    if url == "duckdb":
        return DuckDBWarehouse(home / "warehouse.duckdb", schemas)
    if url.startswith("bigquery://"):
        # The client library takes a second to import; the embedded worker has no use for it.
        from warehouse.bigquery_engine import BigQueryWarehouse  # noqa: PLC0415

        return BigQueryWarehouse.from_url(url, schemas)
    msg = f"TIPOFF_WAREHOUSE: {url!r} is neither 'duckdb' nor 'bigquery://project'"
    raise ConfigurationError(msg)
