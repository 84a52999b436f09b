"""The embedded warehouse: DuckDB in one file, held by one process, durable at every commit."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar, Unpack

import duckdb
import pandas as pd
import pyarrow as pa

from shared.clock import iso_utc, utc_now
from shared.errors import BadRequest, WarehouseUnavailable
from warehouse import duckdb_writes as writes
from warehouse.dialect import parameter_type, to_duckdb
from warehouse.duckdb_file import Cursor, DuckDBFile
from warehouse.duckdb_writes import FENCES, LEDGER, TYPES
from warehouse.frames import to_pandas
from warehouse.protocol import Selection, WritePlan, WriteResult
from warehouse.read_cache import ReadCache, Reading
from warehouse.schema import LiveTable, TableSchema, new_columns
from warehouse.staging import STAGING, staged_schema

KEPT_BY_ITSELF = (LEDGER, FENCES)
"""Written with every write, whatever its target."""

_BIGQUERY = {duck: name for name, duck in TYPES.items()}

BAD_CAST = "std::bad_cast"
SANDBOX_ATTEMPTS = 200

T = TypeVar("T")

_UNAVAILABLE = (
    duckdb.FatalException, duckdb.IOException, duckdb.OutOfMemoryException, duckdb.ConnectionException,
)  # fmt: skip


class DuckDBWarehouse:
    """A `Warehouse` over one DuckDB file. A second process that opens it is told who holds it."""

    def __init__(
        self, path: Path, schemas: Mapping[str, TableSchema], *, memory: str = "400MB", threads: int = 1
    ) -> None:
        self.schemas: Mapping[str, TableSchema] = dict(schemas)
        self.loads_a_day: int | None = None
        self._file = DuckDBFile(path, memory=memory, threads=threads)
        # One writer at a time: ledger and fences are shared by all tables, and a write is milliseconds.
        self._writing = threading.Lock()
        self._cache = ReadCache()

    # ---- reading

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Answers one SELECT in BigQuery's dialect. Raises `UnsupportedSql` outside the allow-list."""
        for name, value in (params or {}).items():
            parameter_type(name, value)
        return to_pandas(self._fetch(to_duckdb(sql), dict(params or {})))

    def read(self, table: str, **selection: Unpack[Selection]) -> pd.DataFrame:
        """Rows by partition, in key order. See `warehouse.protocol.Selection`."""
        return to_pandas(self.read_table(table, **selection))

    def read_table(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        since: date | None = None,
        until: date | None = None,
        dates: Sequence[date] | None = None,
        equals: Mapping[str, str] | None = None,
    ) -> pa.Table:
        """What `read` makes a frame of."""
        schema = self._schema(table)
        for column in (*(columns or ()), *(equals or {})):
            self._known(schema, column)
        reading = Reading(
            table,
            tuple(columns or schema.column_names),
            since and _day(since),
            until and _day(until),
            None if dates is None else frozenset(map(_day, dates)),
            tuple((equals or {}).items()),
        )
        if table in KEPT_BY_ITSELF:
            return self._read(schema, reading)
        return self._cache.get(reading, lambda: self._read(schema, reading))

    def _read(self, schema: TableSchema, reading: Reading) -> pa.Table:
        partition = schema.partition or schema.key[0]
        conditions: list[str] = []
        params: dict[str, object] = {}
        if reading.since is not None:
            conditions.append(f"{partition} >= $since")
            params["since"] = reading.since
        if reading.until is not None:
            conditions.append(f"{partition} < $until")
            params["until"] = reading.until
        if reading.dates is not None:
            conditions.append(writes.among(partition, reading.dates, params))
        for number, (column, value) in enumerate(reading.equals):
            conditions.append(f"{column} = $equal_{number}")
            params[f"equal_{number}"] = value
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = ", ".join(schema.key)
        return self._fetch(
            f"SELECT {', '.join(reading.columns)} FROM {reading.table}{where} ORDER BY {order}", params
        )

    def describe(self, table: str) -> dict[str, str]:
        """The live table's columns and their BigQuery types, in order; empty if it isn't there."""
        with self._file.cursor() as cursor:
            rows = cursor.execute(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE schema_name || '.' || table_name = ? ORDER BY column_index",
                [table],
            ).fetchall()
        return {name: _BIGQUERY.get(kind, kind) for name, kind in rows}

    def live_table(self, table: str) -> LiveTable | None:
        """The live table's columns with their modes; partitions are unknown here. None if it isn't there."""
        with self._file.cursor() as cursor:
            rows = cursor.execute(
                "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
                "WHERE schema_name || '.' || table_name = ? ORDER BY column_index",
                [table],
            ).fetchall()
        columns = {name: (_BIGQUERY.get(kind, kind), not nullable) for name, kind, nullable in rows}
        return LiveTable(columns, None, has_partitions=False) if rows else None

    def ping(self) -> None:
        """Raises `WarehouseUnavailable` if it does not answer."""
        try:
            with self._file.cursor() as cursor:
                # All of it: a result with rows left would refuse this thread's next query.
                cursor.execute("SELECT 1").fetchall()
        except duckdb.Error as error:
            msg = f"the embedded warehouse does not answer: {error}"
            raise WarehouseUnavailable(msg) from error

    # ---- definition

    def ensure_tables(self) -> list[str]:
        """Creates missing tables and adds new nullable columns; returns what was changed.

        Raises:
            SchemaViolation: see `warehouse.schema.new_columns`.
        """
        changed: list[str] = []
        with self._transaction() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {STAGING}")
            for schema in self.schemas.values():
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema.name.split('.')[0]}")
                live = self.live_table(schema.name)
                if live is None:
                    cursor.execute(writes.create(schema.name, schema))
                    changed.append(schema.name)
                    continue
                for column in new_columns(schema, live):
                    cursor.execute(f"ALTER TABLE {schema.name} ADD COLUMN {column.name} {TYPES[column.type]}")
                    changed.append(f"{schema.name}.{column.name}")
        return changed

    # ---- writing

    def apply(self, plan: WritePlan) -> WriteResult:
        """One transaction: ledger, fences, rows, ledger. See `warehouse.protocol.Warehouse.apply`."""

        def write(cursor: Cursor) -> WriteResult:
            found = cursor.execute(
                f"SELECT row_count, content_hash FROM {LEDGER} WHERE write_key = ?", [plan.write_key]
            ).fetchall()
            if found:
                rows, digest = found[0]
                return WriteResult(plan.schema.name, rows, digest, plan.write_key, replayed=True)
            writes.raise_fences(cursor, plan)
            writes.write_rows(cursor, plan)
            writes.record(cursor, plan)
            return WriteResult(plan.schema.name, plan.rows.num_rows, plan.content_hash, plan.write_key)

        # A row that is merged on a key without the partition may have stood in another.
        whole = plan.mode == "merge" and plan.schema.partition not in plan.schema.key
        with self._cache.writing(plan.schema.name, () if whole else plan.partitions):
            return self._written(write)

    def stage(self, name: str, schema: TableSchema, rows: pa.Table) -> str:
        """Puts rows into a staging table of their own, replaced whole; returns its full name."""
        full = f"{STAGING}.{name}"

        def write(cursor: Cursor) -> str:
            cursor.execute(f"DROP TABLE IF EXISTS {full}")
            cursor.execute(writes.create(full, schema))
            cursor.execute(f"COMMENT ON TABLE {full} IS '{json.dumps({'made': iso_utc(utc_now())})}'")
            if rows.num_rows:
                with writes.registered(cursor, rows):
                    writes.insert(cursor, full, schema)
            return full

        return self._written(write)

    def read_staged(self, names: Sequence[str]) -> pd.DataFrame:
        """The rows of several staging tables of one target."""
        if not names:
            return pd.DataFrame()
        schema = staged_schema(names, self.schemas)
        every = " UNION ALL ".join(f"SELECT {', '.join(schema.column_names)} FROM {name}" for name in names)
        return to_pandas(self._fetch(f"SELECT * FROM ({every}) ORDER BY {', '.join(schema.key)}", {}))

    def sweep_staging(self, older_than: timedelta, *, drop: bool = True) -> list[str]:
        """Drops staging tables made longer ago, or only finds them; returns their names."""
        limit = utc_now() - older_than
        dropped = []
        with self._transaction() as cursor:
            rows = cursor.execute(
                "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = ?", [STAGING]
            ).fetchall()
            for name, comment in rows:
                made = datetime.fromisoformat(json.loads(comment)["made"]) if comment else None
                if made is None or made.astimezone(UTC) < limit:
                    if drop:
                        cursor.execute(f'DROP TABLE {STAGING}."{name}"')
                    dropped.append(f"{STAGING}.{name}")
        return dropped

    def close(self) -> None:
        """Checkpoints, closes the file and lets go of the lock."""
        self._cache.forget()
        self._file.close()

    # ---- inside

    def _schema(self, table: str) -> TableSchema:
        if table not in self.schemas:
            msg = f"table: there is no table {table!r}; possible: {', '.join(sorted(self.schemas))}"
            raise BadRequest(msg)
        return self.schemas[table]

    @staticmethod
    def _known(schema: TableSchema, column: str) -> None:
        if column not in schema.column_names:
            msg = f"{schema.name} has no column {column!r}"
            raise BadRequest(msg)

    def _fetch(self, sql: str, params: dict[str, object]) -> pa.Table:
        try:
            with self._file.cursor() as cursor:
                table = cursor.fetch(sql, params or None)
        except _UNAVAILABLE as error:
            msg = f"the embedded warehouse does not answer: {error}"
            raise WarehouseUnavailable(msg) from error
        except duckdb.Error as error:
            msg = f"sql: {str(error).splitlines()[0]}"
            raise BadRequest(msg) from error
        if len(set(table.column_names)) < table.num_columns:
            msg = f"sql: two result columns share a name: {table.column_names}"
            raise BadRequest(msg)
        return table

    def _written(self, write: Callable[[Cursor], T]) -> T:
        """What a write gives, in one transaction.

        While a workflow module is imported, the sandbox of Temporal's SDK puts a mapping of its own in the
        place of `sys.modules`. DuckDB, when it is handed an Arrow table, takes that for a dict and fails with
        `std::bad_cast` (measured: one write in sixty of a backfill). That passes within milliseconds, so the
        transaction is tried again here instead of by a retry of the whole activity.
        """
        for attempt in range(SANDBOX_ATTEMPTS):
            try:
                with self._transaction() as cursor:
                    return write(cursor)
            except (RuntimeError, WarehouseUnavailable) as error:
                if BAD_CAST not in str(error):
                    raise
                time.sleep(0.001 * min(attempt + 1, 20))
        msg = f"the embedded warehouse could not write; nothing was changed: {BAD_CAST} without end"
        raise WarehouseUnavailable(msg)

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        try:
            with self._writing, self._file.cursor() as cursor:
                try:
                    cursor.execute("BEGIN TRANSACTION")
                    yield cursor
                    cursor.execute("COMMIT")
                except BaseException:
                    _roll_back(cursor)
                    raise
        except duckdb.Error as error:
            msg = f"the embedded warehouse could not write; nothing was changed: {error}"
            raise WarehouseUnavailable(msg) from error


def _day(moment: date) -> date:
    """A date; of an instant, which is a date to Python but equals none, its own."""
    return moment.date() if isinstance(moment, datetime) else moment


def _roll_back(cursor: Cursor) -> None:
    # A transaction that failed to commit is gone already; the error to report is the first one.
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")
