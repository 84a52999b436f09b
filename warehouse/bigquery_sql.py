"""The SQL that the BigQuery engine sends, and the parameters that go with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from google.cloud import bigquery

from shared.errors import BadRequest
from warehouse.bigquery_jobs import SUPERSEDED
from warehouse.dialect import parameter_type
from warehouse.protocol import UNPARTITIONED, WritePlan
from warehouse.schema import TableSchema

LEDGER = "nba_orchestration.write_ledger"
FENCE_DATASET = "tipoff_fences"

_LEGACY = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def parameters(values: Mapping[str, object]) -> list[Any]:
    """Query parameters of Python values. Raises `BadRequest` for a type that has no parameter."""
    return [_parameter(name, value) for name, value in values.items()]


def _parameter(name: str, value: object) -> Any:
    kind = parameter_type(name, value)
    if isinstance(value, list | tuple):
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    return bigquery.ScalarQueryParameter(name, kind, value)


def column_types(fields: Sequence[Any]) -> dict[str, str]:
    """The columns of a live table and their types as the DDL writes them."""
    found = {}
    for field in fields:
        kind = _LEGACY.get(field.field_type, field.field_type)
        found[field.name] = f"ARRAY<{kind}>" if field.mode == "REPEATED" else kind
    return found


def load_schema(schema: TableSchema) -> list[Any]:
    """The schema of a staging table. Modes are those of the target, so that a load checks them too."""
    fields = []
    for column in schema.columns:
        repeated = column.type.startswith("ARRAY<")
        kind = column.type.removeprefix("ARRAY<").removesuffix(">")
        mode = "REPEATED" if repeated else "REQUIRED" if column.required else "NULLABLE"
        fields.append(bigquery.SchemaField(column.name, kind, mode=mode))
    return fields


def fence_table(schema: TableSchema) -> str:
    """Where the fences of one target are kept.

    One table a target: mutating transactions conflict per table, so that a shared one would let only one
    writer of the whole warehouse through at a time.
    """
    return f"{FENCE_DATASET}.{schema.name.replace('.', '_')}"


def create_fences(schema: TableSchema) -> str:
    """The statement that makes a target's fence table, at once with the lock row that every write mutates."""
    return (
        f"CREATE TABLE IF NOT EXISTS `{fence_table(schema)}` "
        "(partition_date DATE, slice STRING, epoch INT64, retrigger INT64) "
        f"AS SELECT DATE '{UNPARTITIONED.isoformat()}' AS partition_date, '#lock' AS slice, 0 AS epoch, "
        "0 AS retrigger"
    )


def literal(value: object) -> str:
    """A Python value as BigQuery writes it. Raises `BadRequest` for a type that has no literal here."""
    if isinstance(value, list | tuple):
        # An empty array has no type of its own; only the ledger's list of partitions may be empty.
        return f"[{', '.join(literal(v) for v in value)}]" if value else "ARRAY<STRING>[]"
    if isinstance(value, str):
        # JSON's escapes are a subset of BigQuery's.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or not isinstance(value, int | date):
        msg = f"{type(value).__name__} has no literal"
        raise BadRequest(msg)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S.%f')}+00:00'"
    return f"DATE '{value.isoformat()}'" if isinstance(value, date) else str(value)


def write_script(plan: WritePlan, staged: str | None) -> str:
    """The one transaction of a write, as a script. Its values are literals: the emulator's scripts know no
    parameters, and what is tested shall be what runs.

    The first statement mutates the target's lock row, so that two writers of one target always conflict and
    one of them starts over: without it two replacements of an empty partition would not, having no row to
    delete, and neither would see the other's ledger entry or fence.
    """
    schema, fences = plan.schema, fence_table(plan.schema)
    params: dict[str, object] = {
        "write_key": plan.write_key, "table_name": schema.name, "mode": plan.mode,
        "written_on": plan.now.date(), "partitions": [d.isoformat() for d in plan.partitions],
        "slice": plan.slice_name, "row_count": plan.rows.num_rows, "content_hash": plan.content_hash,
        "epoch": plan.fence.epoch, "retrigger": plan.fence.retrigger, "run_id": plan.run_id,
        "written_at": plan.now, "fenced": list(plan.fenced),
    }  # fmt: skip
    mine = "slice = @slice AND partition_date IN UNNEST(@fenced)"
    higher = "(epoch > @epoch OR (epoch = @epoch AND retrigger > @retrigger))"
    message = (
        f"{SUPERSEDED}{schema.name} {', '.join(map(str, plan.partitions[:3]))} {plan.slice_name}: written "
        f"since by a later run (this one has fence {plan.fence.epoch}/{plan.fence.retrigger}); nothing was "
        "changed"
    )
    params["message"] = message
    script = f"""
BEGIN TRANSACTION;
UPDATE `{fences}` SET epoch = epoch + 1 WHERE slice = '#lock';
IF EXISTS (SELECT 1 FROM `{LEDGER}` WHERE write_key = @write_key) THEN
  ROLLBACK TRANSACTION;
ELSE
  IF EXISTS (SELECT 1 FROM `{fences}` WHERE {mine} AND {higher}) THEN
    ROLLBACK TRANSACTION;
    RAISE USING MESSAGE = @message;
  END IF;
{_rows(plan, staged, params)}
  DELETE FROM `{fences}` WHERE {mine};
  INSERT INTO `{fences}` (partition_date, slice, epoch, retrigger)
    SELECT d, @slice, @epoch, @retrigger FROM UNNEST(@fenced) AS d;
  INSERT INTO `{LEDGER}` (written_on, write_key, table_name, mode, partitions, slice, row_count,
      content_hash, epoch, retrigger, run_id, written_at)
    VALUES (@written_on, @write_key, @table_name, @mode, @partitions, @slice, @row_count,
      @content_hash, @epoch, @retrigger, @run_id, @written_at);
  COMMIT TRANSACTION;
END IF;
"""
    return re.sub(r"@(\w+)", lambda match: literal(params[match[1]]), script)


def _rows(plan: WritePlan, staged: str | None, params: dict[str, object]) -> str:
    schema, names = plan.schema, ", ".join(plan.schema.column_names)
    statements = []
    if plan.mode == "replace":
        conditions = ["TRUE"]
        if schema.partition:
            conditions.append(f"{schema.partition} IN UNNEST(@dates)")
            params["dates"] = list(plan.partitions) or [UNPARTITIONED]
        for number, (column, value) in enumerate(plan.slice):
            conditions.append(f"{column} = @slice_{number}")
            params[f"slice_{number}"] = value
        statements.append(f"  DELETE FROM `{schema.name}` WHERE {' AND '.join(conditions)};")
        if staged:
            statements.append(f"  INSERT INTO `{schema.name}` ({names}) SELECT {names} FROM `{staged}`;")
    elif staged:
        same = " AND ".join(f"t.{k} = s.{k}" for k in schema.key)
        if schema.partition:
            # Prunes the target to the partitions touched.
            same += f" AND t.{schema.partition} IN UNNEST(@fenced)"
        values = [c for c in schema.column_names if c not in schema.key]
        update = f" WHEN MATCHED THEN UPDATE SET {', '.join(f'{c} = s.{c}' for c in values)}"
        new = ", ".join(f"s.{c}" for c in schema.column_names)
        statements.append(
            f"  MERGE `{schema.name}` AS t USING `{staged}` AS s ON {same}{update if values else ''} "
            f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({new});"
        )
    return "\n".join(statements)
