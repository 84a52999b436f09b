"""The writer: the only way rows reach a table. Checked, hashed, fenced, recorded; each write exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.clock import microseconds, utc_now
from shared.errors import BadRequest, QuotaExceeded, SchemaViolation, SupersededWrite, WarehouseUnavailable
from warehouse.frames import validated
from warehouse.hashing import content_hash
from warehouse.protocol import Fence, Warehouse, WritePlan, WriteResult
from warehouse.quota import LoadQuota
from warehouse.schema import TableSchema
from warehouse.staging import staging_name

__all__ = ["Fence", "WriteResult", "Writer"]

LEDGER = "nba_orchestration.write_ledger"
LATEST_TRIES = 3


class Writer:
    """Writes frames to a warehouse's tables. Knows nothing of Temporal."""

    def __init__(
        self,
        warehouse: Warehouse,
        now: Callable[[], datetime] = utc_now,
        loaded: Callable[[str], None] = lambda _table: None,
    ) -> None:
        """`loaded` is told the table of every load, which BigQuery counts against a quota a table and day."""
        self._warehouse = warehouse
        self._now = now
        self._loaded = loaded
        self._quota = LoadQuota(warehouse, now)
        self._refused_at: datetime | None = None

    def refused_lately(self, within: timedelta) -> bool:
        """Whether the warehouse has refused this process's latest write, not longer ago than this."""
        return self._refused_at is not None and self._now() - self._refused_at <= within

    def replace(
        self,
        table: str,
        frame: pd.DataFrame,
        *,
        partitions: Sequence[date],
        slice: Mapping[str, str] | None = None,  # noqa: A002 - the word of the write ledger
        write_key: str,
        fence: Fence,
        run_id: str,
    ) -> WriteResult:
        """Replaces exactly these partitions, or the slice of them; one without rows ends up empty.

        A table without partitions is replaced whole, under one fence, whatever dates are given.

        Raises:
            SchemaViolation: the frame does not fit, or has rows outside partitions and slice.
            SupersededWrite: a later run has written the target since.
        """
        schema = self._schema(table)
        rows = validated(frame, schema)
        chosen = tuple(sorted(set(partitions))) if schema.partition else ()
        _inside(rows, schema, chosen, slice or {})
        return self._apply(schema, rows, "replace", chosen, slice or {}, write_key, fence, run_id)

    def merge(
        self,
        table: str,
        frame: pd.DataFrame,
        *,
        slice: Mapping[str, str] | None = None,  # noqa: A002 - the word of the write ledger
        write_key: str,
        fence: Fence,
        run_id: str,
    ) -> WriteResult:
        """Merges on the table's primary key: updates the rows that are there, inserts the others.

        Rows of a slice are fenced by themselves: writers of different slices have no order to keep.

        Raises:
            SchemaViolation: the frame does not fit, or has rows outside the slice.
            SupersededWrite: a later run has written one of the partitions since.
        """
        schema = self._schema(table)
        rows = validated(frame, schema)
        touched: tuple[date, ...] = ()
        if not rows.num_rows:
            # No partition to fence and nothing to write: two empty merges must not stand in each other's way.
            return WriteResult(table, 0, content_hash(rows, schema), write_key)
        if schema.partition:
            touched = tuple(sorted(pc.unique(rows.column(schema.partition)).to_pylist()))
        _inside(rows, schema, touched, slice or {})
        return self._apply(schema, rows, "merge", touched, slice or {}, write_key, fence, run_id)

    def merge_latest(self, table: str, frame: pd.DataFrame, *, write_key: str, run_id: str) -> WriteResult:
        """Merges rows of which whoever writes last knows most: the fence is the instant of writing.

        Where a clock was ahead and has gone back, it follows on the highest that was written under.

        Raises:
            SchemaViolation: the frame does not fit.
            SupersededWrite: others keep writing in between.
        """
        fence = Fence(microseconds(self._now()))
        for _ in range(LATEST_TRIES):
            try:
                return self.merge(table, frame, write_key=write_key, fence=fence, run_id=run_id)
            except SupersededWrite:
                since = self._now().date() - timedelta(days=1)
                standing = self._warehouse.read(
                    LEDGER, columns=["epoch"], since=since, equals={"table_name": table}
                )
                highest = int(standing["epoch"].max()) if len(standing) else 0
                fence = Fence(max(highest, microseconds(self._now())) + 1)
        return self.merge(table, frame, write_key=write_key, fence=fence, run_id=run_id)

    def stage(self, table: str, frame: pd.DataFrame, *, chunk: str, write_key: str) -> str:
        """Puts a chunk's rows into a staging table of their own and returns its name.

        The name derives from the write key, and the table is replaced whole: a retry repeats.
        """
        schema = self._schema(table)
        rows = validated(frame, schema)
        staged = self._warehouse.stage(staging_name(table, chunk, write_key), schema, rows)
        self._loaded(table)
        return staged

    def read_staged(self, names: Sequence[str]) -> pd.DataFrame:
        """The rows of all these staging tables of one target, in key order."""
        return self._warehouse.read_staged(names)

    def sweep_staging(self, older_than: timedelta) -> list[str]:
        """Drops staging tables left over from longer ago."""
        return self._warehouse.sweep_staging(older_than)

    def _schema(self, table: str) -> TableSchema:
        if table not in self._warehouse.schemas:
            msg = f"table: there is no table {table!r} below schemas/bigquery"
            raise BadRequest(msg)
        return self._warehouse.schemas[table]

    def _apply(
        self,
        schema: TableSchema,
        rows: pa.Table,
        mode: Literal["replace", "merge"],
        partitions: tuple[date, ...],
        part: Mapping[str, str],
        write_key: str,
        fence: Fence,
        run_id: str,
    ) -> WriteResult:
        plan = WritePlan(
            schema=schema,
            rows=rows,
            mode=mode,
            partitions=partitions,
            slice=tuple(sorted(part.items())),
            write_key=write_key,
            content_hash=content_hash(rows, schema),
            fence=fence,
            run_id=run_id,
            now=self._now(),
        )
        try:
            if rows.num_rows:
                self._quota.check(schema.name)
            result = self._warehouse.apply(plan)
        except (WarehouseUnavailable, QuotaExceeded):
            self._refused_at = self._now()
            raise
        self._refused_at = None
        if rows.num_rows and not result.replayed:
            self._quota.count(schema.name)
            self._loaded(schema.name)
        return result


def _inside(
    rows: pa.Table, schema: TableSchema, partitions: tuple[date, ...], part: Mapping[str, str]
) -> None:
    """Refuses rows outside what a replacement covers: they would survive the next one."""
    if schema.partition:
        outside = set(pc.unique(rows.column(schema.partition)).to_pylist()) - set(partitions)
        if outside:
            shown = sorted(map(str, outside))[:5]
            msg = f"{schema.name}.{schema.partition}: rows outside the partitions replaced: {shown}"
            raise SchemaViolation(msg)
    for column, value in part.items():
        if column not in schema.column_names:
            msg = f"slice: {schema.name} has no column {column!r}"
            raise BadRequest(msg)
        found = set(pc.unique(rows.column(column)).to_pylist()) - {value}
        if found:
            msg = f"{schema.name}.{column}: rows outside the slice {value!r}: {sorted(map(str, found))[:5]}"
            raise SchemaViolation(msg)
