"""Datasets and tables of a BigQuery project: made where they are missing, grown by new nullable columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from google.api_core import exceptions as api
from google.cloud import bigquery

from warehouse.bigquery_jobs import errors_in_our_words
from warehouse.bigquery_sql import FENCE_DATASET, column_types, create_fences
from warehouse.schema import LiveTable, TableSchema, new_columns
from warehouse.staging import STAGING

STAGING_LIFE = timedelta(days=1)
"""How long a staging table lives; the dataset's default expiration."""

Run = Callable[[str], object]
"""Runs one statement."""


def ensure(
    client: Any, schemas: Mapping[str, TableSchema], run: Run, *, location: str | None, retry: Any
) -> list[str]:
    """Creates missing datasets and tables and adds new nullable columns; returns what was changed.

    Each statement is one that a second process may run at the same time.

    Raises:
        SchemaViolation: see `warehouse.schema.new_columns`.
    """
    changed: list[str] = []
    datasets = {name.split(".")[0] for name in schemas}
    with errors_in_our_words():
        for name in sorted(datasets | {FENCE_DATASET, STAGING}):
            dataset = bigquery.Dataset(f"{client.project}.{name}")
            if location:
                dataset.location = location
            if name == STAGING:
                dataset.default_table_expiration_ms = int(STAGING_LIFE.total_seconds() * 1000)
            client.create_dataset(dataset, exists_ok=True, retry=retry)
        fenced = _tables_of(client, FENCE_DATASET, retry)
        there = {f"{d}.{t}" for d in datasets for t in _tables_of(client, d, retry)}
    for schema in schemas.values():
        live = live_table(client, schema.name, retry) if schema.name in there else None
        if live is not None:
            for column in new_columns(schema, live):
                run(f"ALTER TABLE `{schema.name}` ADD COLUMN IF NOT EXISTS {column.name} {column.type}")
                changed.append(f"{schema.name}.{column.name}")
        else:
            run(schema.ddl)
            changed.append(schema.name)
        if schema.name.replace(".", "_") not in fenced:
            run(create_fences(schema))
    return changed


def live_table(client: Any, table: str, retry: Any) -> LiveTable | None:
    """The live table with its modes and partition; None if it isn't there."""
    with errors_in_our_words():
        try:
            live = client.get_table(f"{client.project}.{table}", retry=retry)
        except api.NotFound:
            return None
    required = {field.name for field in live.schema if field.mode == "REQUIRED"}
    columns = {name: (kind, name in required) for name, kind in column_types(live.schema).items()}
    split = live.time_partitioning
    return LiveTable(columns, split.field if split else None)


def _tables_of(client: Any, dataset: str, retry: Any) -> set[str]:
    return {t.table_id for t in client.list_tables(f"{client.project}.{dataset}", retry=retry)}
