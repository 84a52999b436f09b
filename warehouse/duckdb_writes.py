"""What a write to the embedded warehouse is made of: the statements of its one transaction, on one cursor."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date

import duckdb
import pyarrow as pa

from shared.errors import SupersededWrite
from warehouse.duckdb_file import Cursor
from warehouse.protocol import WritePlan
from warehouse.schema import TableSchema

LEDGER = "nba_orchestration.write_ledger"
FENCES = "nba_orchestration.write_fences"

TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    # Naive UTC: a zone would need the session's, and BigQuery's TIMESTAMP is an instant.
    "TIMESTAMP": "TIMESTAMP",
    "ARRAY<FLOAT64>": "DOUBLE[]",
    "ARRAY<STRING>": "VARCHAR[]",
}


def create(name: str, schema: TableSchema) -> str:
    """The statement that makes a table, or a staging table, of a schema."""
    columns = ", ".join(
        f"{c.name} {TYPES[c.type]}{' NOT NULL' if c.required else ''}" for c in schema.columns
    )
    # The key is checked before a write and kept by replace and merge. DuckDB's index of it would refuse a
    # delete and an insert of one key in one transaction.
    return f"CREATE TABLE {name} ({columns})"


@contextmanager
def registered(cursor: Cursor, rows: pa.Table) -> Iterator[None]:
    """The rows as the view `incoming`."""
    cursor.register("incoming", _naive(rows))
    try:
        yield
    finally:
        # In a transaction that has failed even this fails; the error to report is the first one.
        with suppress(duckdb.Error):
            cursor.unregister("incoming")


def insert(cursor: Cursor, target: str, schema: TableSchema) -> None:
    """Puts the rows of `incoming` into a table."""
    names = ", ".join(schema.column_names)
    values = ", ".join(f"{c.name}::TIMESTAMP" if c.type == "TIMESTAMP" else c.name for c in schema.columns)
    cursor.execute(f"INSERT INTO {target} ({names}) SELECT {values} FROM incoming")


def _naive(rows: pa.Table) -> pa.Table:
    """Instants without their zone, which is UTC."""
    fields = [
        pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type) for f in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def raise_fences(cursor: Cursor, plan: WritePlan) -> None:
    """Raises the fences of what a plan writes.

    Raises:
        SupersededWrite: a later run or re-trigger has written there since.
    """
    table, part = plan.schema.name, plan.slice_name
    own = (plan.fence.epoch, plan.fence.retrigger)
    params: dict[str, object] = {"table": table, "slice": part}
    days = among("partition_date", plan.fenced, params)
    condition = f"table_name = $table AND slice = $slice AND {days}"
    standing = cursor.execute(
        f"SELECT partition_date, epoch, retrigger FROM {FENCES} WHERE {condition}", params
    ).fetchall()
    for day, epoch, retrigger in standing:
        if own < (epoch, retrigger):
            msg = (
                f"{table} {day} {part}: written since by a later run (fence {epoch}/{retrigger}, "
                f"this one {plan.fence.epoch}/{plan.fence.retrigger}); nothing was changed"
            )
            raise SupersededWrite(msg)
    raised = {day for day, *fence in standing if tuple(fence) == own}
    if raised.issuperset(plan.fenced):
        return
    if standing:
        cursor.execute(f"DELETE FROM {FENCES} WHERE {condition}", params)
    cursor.execute(
        f"INSERT INTO {FENCES} (table_name, partition_date, slice, epoch, retrigger) "
        "SELECT $table, unnest($days::DATE[]), $slice, $epoch, $retrigger",
        {"table": table, "days": list(plan.fenced), "slice": part, "epoch": own[0], "retrigger": own[1]},
    )


def among(column: str, dates: Collection[date], params: dict[str, object]) -> str:
    """The condition that a date is one of these; what it names is put among the parameters."""
    if len(dates) == 1:
        # DuckDB joins with a list, also with one of a single date: a millisecond more.
        params["day"] = next(iter(dates))
        return f"{column} = $day"
    params["dates"] = sorted(dates)
    return f"{column} IN (SELECT unnest($dates::DATE[]))"


def write_rows(cursor: Cursor, plan: WritePlan) -> None:
    """Replaces partitions, or the slice of them, or merges on the key."""
    schema, table = plan.schema, plan.schema.name
    if plan.mode == "replace":
        conditions: list[str] = ["TRUE"]
        params: dict[str, object] = {}
        if schema.partition:
            conditions.append(among(schema.partition, plan.partitions, params))
        for number, (column, value) in enumerate(plan.slice):
            conditions.append(f"{column} = $slice_{number}")
            params[f"slice_{number}"] = value
        cursor.execute(f"DELETE FROM {table} WHERE {' AND '.join(conditions)}", params or None)
    if not plan.rows.num_rows:
        return
    with registered(cursor, plan.rows):
        if plan.mode == "merge":
            same = [f"t.{k} = incoming.{k}" for k in schema.key]
            within: dict[str, object] = {}
            if schema.partition in schema.key:
                # Said by itself it spares a look through the rest of the table.
                same.append(among(f"t.{schema.partition}", plan.partitions, within))
            cursor.execute(f"DELETE FROM {table} AS t USING incoming WHERE {' AND '.join(same)}", within)
        insert(cursor, table, schema)


def record(cursor: Cursor, plan: WritePlan) -> None:
    """Puts the write into the ledger."""
    now = plan.now.astimezone(UTC).replace(tzinfo=None)
    cursor.execute(
        f"INSERT INTO {LEDGER} (written_on, write_key, table_name, mode, partitions, slice, row_count, "
        "content_hash, epoch, retrigger, run_id, written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            now.date(), plan.write_key, plan.schema.name, plan.mode, [d.isoformat() for d in plan.partitions],
            plan.slice_name, plan.rows.num_rows, plan.content_hash, plan.fence.epoch, plan.fence.retrigger,
            plan.run_id, now,
        ],
    )  # fmt: skip
