"""The real worker over a metered warehouse: `METER` names the file of what BigQuery would have billed."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from benchmarks.bigquery_meter import LOOKS_INTO_LEDGER, STATEMENTS_ON_FENCES, Meter, logical_bytes
from warehouse.duckdb_engine import LEDGER, DuckDBWarehouse
from warehouse.frames import to_pandas
from warehouse.protocol import WritePlan, WriteResult
from warehouse.staging import staged_schema

METER = "METER"


def metered(meter: Meter) -> None:
    """From now on every call of the engine is counted as what BigQuery would be asked in its place."""
    # `read` asks `read_table`.
    read_table, query = DuckDBWarehouse.read_table, DuckDBWarehouse.query
    apply, stage, read_staged = DuckDBWarehouse.apply, DuckDBWarehouse.stage, DuckDBWarehouse.read_staged

    def size(self: DuckDBWarehouse, table: str, **window: Any) -> int:
        return logical_bytes(to_pandas(read_table(self, table, **window)), self.schemas[table])

    @functools.wraps(read_table)
    def metered_read_table(self: DuckDBWarehouse, table: str, **asked: Any) -> pa.Table:
        schema, equals = self.schemas[table], asked.get("equals") or {}
        columns = asked.get("columns") or schema.column_names
        partition = (schema.partition,) if schema.partition else ()
        scanned = [c for c in schema.column_names if c in {*columns, *schema.key, *equals, *partition}]
        window = {name: asked.get(name) for name in ("since", "until", "dates")}
        # Partitions alone spare a scan: a filter by another column reads all of them.
        meter.statement(size(self, table, columns=scanned, **window))
        return read_table(self, table, **asked)

    @functools.wraps(query)
    def metered_query(
        self: DuckDBWarehouse, sql: str, params: Mapping[str, object] | None = None
    ) -> pd.DataFrame:
        named = {f"{t.db}.{t.name}" for t in sqlglot.parse_one(sql, read="bigquery").find_all(exp.Table)}
        # At most: every column of every partition of the tables it names.
        meter.statement(*(size(self, table) for table in named if table in self.schemas))
        return query(self, sql, params)

    @functools.wraps(apply)
    def metered_apply(self: DuckDBWarehouse, plan: WritePlan) -> WriteResult:
        schema = plan.schema
        ledger = size(self, LEDGER, columns=["write_key", "row_count", "content_hash"])
        for _ in range(LOOKS_INTO_LEDGER):
            meter.statement(ledger)
        for _ in range(STATEMENTS_ON_FENCES):
            meter.statement(0)
        window = {"dates": list(plan.partitions)} if schema.partition else {}
        target = size(self, schema.name, **window)
        staged = logical_bytes(plan.rows.to_pandas(), schema)
        if plan.rows.num_rows:
            meter.load(schema.name)
        if plan.mode == "replace":
            meter.statement(target)
            if plan.rows.num_rows:
                meter.statement(staged)
        elif plan.rows.num_rows:
            meter.statement(target, staged)
        return apply(self, plan)

    @functools.wraps(stage)
    def metered_stage(self: DuckDBWarehouse, name: str, schema: Any, rows: Any) -> str:
        meter.load(schema.name)
        return stage(self, name, schema, rows)

    @functools.wraps(read_staged)
    def metered_read_staged(self: DuckDBWarehouse, names: Any) -> pd.DataFrame:
        rows = read_staged(self, names)
        if names:
            each = logical_bytes(rows, staged_schema(names, self.schemas)) // len(names)
            meter.statement(*(each for _ in names))
        return rows

    DuckDBWarehouse.read_table = metered_read_table  # type: ignore[method-assign]
    DuckDBWarehouse.query = metered_query  # type: ignore[method-assign]
    DuckDBWarehouse.apply = metered_apply  # type: ignore[method-assign]
    DuckDBWarehouse.stage = metered_stage  # type: ignore[method-assign]
    DuckDBWarehouse.read_staged = metered_read_staged  # type: ignore[method-assign]


if __name__ == "__main__":
    metered(Meter(Path(os.environ[METER])))
    from worker.main import main

    sys.exit(main())
