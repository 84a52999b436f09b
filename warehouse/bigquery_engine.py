"""The production warehouse: BigQuery through its own client."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any, Unpack
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from shared.clock import utc_now
from shared.errors import (
    BadRequest,
    ConfigurationError,
    SupersededWrite,
    WarehouseUnavailable,
)
from warehouse.bigquery_jobs import errors_in_our_words, job_base, run_once
from warehouse.bigquery_sql import (
    LEDGER,
    fence_table,
    load_schema,
    parameters,
    write_script,
)
from warehouse.bigquery_tables import ensure, live_table
from warehouse.dialect import select_only
from warehouse.frames import to_pandas
from warehouse.protocol import Selection, WritePlan, WriteResult
from warehouse.schema import LiveTable, TableSchema
from warehouse.staging import STAGING, staged_schema
from warehouse.work import current_work, label

CALL_PATIENCE = 30.0
"""Seconds for which the client repeats a call by itself. Longer is Temporal's business."""

LABELS = {"app": "tipoff"}

MAXIMUM_BYTES_BILLED = 20 * 2**30
"""Bytes that one query may be billed for. A day reads far less; a forgotten date filter would read it all."""


LOADS_A_DAY = 1_500
"""BigQuery's limit for load jobs a table and day."""


class BigQueryWarehouse:
    """A `Warehouse` over one BigQuery project and location."""

    def __init__(
        self,
        client: Any,
        schemas: Mapping[str, TableSchema],
        *,
        location: str | None = None,
        maximum_bytes_billed: int = MAXIMUM_BYTES_BILLED,
    ) -> None:
        self.schemas: Mapping[str, TableSchema] = dict(schemas)
        self.loads_a_day: int | None = LOADS_A_DAY
        self._client = client
        self._location = location
        self._maximum_bytes_billed = maximum_bytes_billed
        self._retry = bigquery.DEFAULT_RETRY.with_timeout(CALL_PATIENCE)

    @classmethod
    def from_url(cls, url: str, schemas: Mapping[str, TableSchema]) -> BigQueryWarehouse:
        """`bigquery://project[/location][?endpoint=http://…&maximum_bytes_billed=…]`.

        One query is billed for at most `maximum_bytes_billed` bytes, 20 GiB if the URL doesn't say.
        With an endpoint (an emulator) no credentials are sent; otherwise Google's default credentials are.

        Raises:
            ConfigurationError: the URL names no project or an unknown option.
            AuthenticationError: there are no default credentials.
        """
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint, most = options.pop("endpoint", None), options.pop("maximum_bytes_billed", None)
        if (
            parts.scheme != "bigquery"
            or not parts.netloc
            or options
            or (most and not (most.isdigit() and int(most)))
        ):
            msg = f"TIPOFF_WAREHOUSE: {url!r} is not bigquery://project[/location][?endpoint=http://…&maximum_bytes_billed=N]"
            raise ConfigurationError(msg)
        location = parts.path.strip("/") or None
        with errors_in_our_words():
            client = bigquery.Client(
                project=parts.netloc,
                location=location,
                credentials=AnonymousCredentials() if endpoint else None,
                client_options=ClientOptions(api_endpoint=endpoint) if endpoint else None,
            )
        guard = int(most) if most else MAXIMUM_BYTES_BILLED
        return cls(client, schemas, location=location, maximum_bytes_billed=guard)

    # ---- reading

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Answers one SELECT. Raises `UnsupportedSql` outside the allow-list."""
        return self._select(select_only(sql), params or {})

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
        partition = schema.partition or schema.key[0]
        conditions: list[str] = []
        params: dict[str, object] = {}
        if since is not None:
            conditions.append(f"{partition} >= @since")
            params["since"] = since
        if until is not None:
            conditions.append(f"{partition} < @until")
            params["until"] = until
        if dates is not None:
            # An empty array has no type of its own.
            conditions.append(f"{partition} IN UNNEST(@dates)" if dates else "FALSE")
            params |= {"dates": list(dates)} if dates else {}
        for number, (column, value) in enumerate((equals or {}).items()):
            conditions.append(f"{column} = @equal_{number}")
            params[f"equal_{number}"] = value
        for column in (*(columns or ()), *(equals or {})):
            if column not in schema.column_names:
                msg = f"{schema.name} has no column {column!r}"
                raise BadRequest(msg)
        chosen = ", ".join(columns or schema.column_names)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return self._fetch(f"SELECT {chosen} FROM `{table}`{where} ORDER BY {', '.join(schema.key)}", params)

    def describe(self, table: str) -> dict[str, str]:
        """The live table's columns and their BigQuery types, in order; empty if it isn't there."""
        live = self.live_table(table)
        return live.types if live else {}

    def live_table(self, table: str) -> LiveTable | None:
        """The live table with modes and partitioning; None if it isn't there."""
        return live_table(self._client, table, self._retry)

    def ping(self) -> None:
        """Raises `WarehouseUnavailable` if it does not answer."""
        self._select("SELECT 1 AS one", {})

    # ---- definition

    def ensure_tables(self) -> list[str]:
        """Creates missing datasets and tables and adds new nullable columns; returns what was changed.

        Raises:
            SchemaViolation: see `warehouse.schema.new_columns`.
        """
        return ensure(
            self._client,
            self.schemas,
            lambda sql: self._run(sql, {}),
            location=self._location,
            retry=self._retry,
        )

    # ---- writing

    def apply(self, plan: WritePlan) -> WriteResult:
        """A load into staging, then one transaction. See `warehouse.protocol.Warehouse.apply`."""
        recorded = self._recorded(plan)
        if recorded:
            return recorded
        staged = self._load(plan) if plan.rows.num_rows else None
        script = write_script(plan, staged)
        submitted: list[Any] = []

        def submit(job_id: str, _number: int) -> Any:
            job = self._client.query(
                script, job_id=job_id, location=self._location, retry=self._retry, job_retry=None,
                job_config=self._config({}, table=plan.schema.name),
            )  # fmt: skip
            submitted.append(job)
            return job

        try:
            with errors_in_our_words():
                base = job_base("write", plan.write_key)
                _, ours = run_once(self._client, base, submit, location=self._location)
        except SupersededWrite as error:
            msg = f"{error}; standing is {self._standing(plan)}"
            raise SupersededWrite(msg) from error
        for job in submitted:
            # Those that conflicted were billed as well.
            current_work().add(job.total_bytes_processed, job.total_bytes_billed)
        recorded = self._recorded(plan)
        if recorded is None:
            msg = f"{plan.schema.name}: the write {plan.write_key} ended without an entry in the ledger"
            raise WarehouseUnavailable(msg)
        return replace(recorded, replayed=not ours or recorded.content_hash != plan.content_hash)

    def stage(self, name: str, schema: TableSchema, rows: pa.Table) -> str:
        """Puts rows into a staging table of their own, replaced whole; returns its full name."""
        full = f"{STAGING}.{name}"
        with errors_in_our_words():
            # The id may be any: the table is replaced whole, so a load that runs twice changes nothing.
            self._load_job(full, schema, rows, job_id=None).result()
        return full

    def read_staged(self, names: Sequence[str]) -> pd.DataFrame:
        """The rows of several staging tables of one target, in key order."""
        if not names:
            return pd.DataFrame()
        schema = staged_schema(names, self.schemas)
        every = " UNION ALL ".join(f"SELECT {', '.join(schema.column_names)} FROM `{n}`" for n in names)
        return self._select(f"SELECT * FROM ({every}) AS t ORDER BY {', '.join(schema.key)}", {})

    def sweep_staging(self, older_than: timedelta, *, drop: bool = True) -> list[str]:
        """Drops staging tables made longer ago, which expire too, or only finds them; returns their names."""
        limit, dropped = utc_now() - older_than, []
        with errors_in_our_words():
            for item in list(self._client.list_tables(self._reference(STAGING), retry=self._retry)):
                if item.created is None or item.created.astimezone(UTC) < limit:
                    if drop:
                        self._client.delete_table(item.reference, not_found_ok=True, retry=self._retry)
                    dropped.append(f"{STAGING}.{item.table_id}")
        return dropped

    def close(self) -> None:
        """Closes the client's connections."""
        self._client.close()

    # ---- inside

    def _schema(self, table: str) -> TableSchema:
        if table not in self.schemas:
            msg = f"table: there is no table {table!r}; possible: {', '.join(sorted(self.schemas))}"
            raise BadRequest(msg)
        return self.schemas[table]

    def _reference(self, name: str) -> str:
        return f"{self._client.project}.{name}"

    def _config(self, params: Mapping[str, object], **labels: str) -> Any:
        config = bigquery.QueryJobConfig(
            query_parameters=parameters(params),
            labels=_labels(**labels),
        )
        config.maximum_bytes_billed = self._maximum_bytes_billed
        return config

    def _run(self, sql: str, params: Mapping[str, object]) -> Any:
        with errors_in_our_words():
            # Without job_retry: the client would run a query over its quota again for minutes, unseen.
            job = self._client.query(
                sql,
                job_config=self._config(params),
                location=self._location,
                retry=self._retry,
                job_retry=None,
            )
            rows = job.result(job_retry=None)
        current_work().add(job.total_bytes_processed, job.total_bytes_billed)
        return rows

    def _fetch(self, sql: str, params: Mapping[str, object]) -> pa.Table:
        rows = self._run(sql, params)
        with errors_in_our_words():
            return rows.to_arrow(create_bqstorage_client=False)

    def _select(self, sql: str, params: Mapping[str, object]) -> pd.DataFrame:
        return to_pandas(self._fetch(sql, params))

    def _recorded(self, plan: WritePlan) -> WriteResult | None:
        """The ledger's entry of this write, if it has one."""
        found = self._select(
            f"SELECT row_count, content_hash FROM `{LEDGER}` WHERE write_key = @write_key",
            {"write_key": plan.write_key},
        )
        if found.empty:
            return None
        row = found.iloc[0]
        return WriteResult(
            plan.schema.name, int(row["row_count"]), str(row["content_hash"]), plan.write_key, replayed=True
        )

    def _standing(self, plan: WritePlan) -> str:
        """The highest fence among those of a write, in words."""
        found = self._select(
            f"SELECT partition_date, epoch, retrigger FROM `{fence_table(plan.schema)}` WHERE slice = @slice "
            "AND partition_date IN UNNEST(@fenced) ORDER BY epoch DESC, retrigger DESC LIMIT 1",
            {"slice": plan.slice_name, "fenced": list(plan.fenced)},
        )
        if found.empty:
            return "none any more"
        row = found.iloc[0]
        return f"fence {row['epoch']}/{row['retrigger']} of {row['partition_date'].date()}"

    def _load(self, plan: WritePlan) -> str:
        """The rows in a staging table, by a load job that runs once; the table's name."""
        # The hash is in the id: an attempt with other rows must not be given those of the one before.
        base = job_base("load", plan.write_key, plan.content_hash)

        def name(number: int) -> str:
            return f"{STAGING}.{base}_{number}"

        def submit(job_id: str, number: int) -> Any:
            return self._load_job(name(number), plan.schema, plan.rows, job_id=job_id)

        def stands(number: int) -> bool:
            # A load of days ago has succeeded, and its table has expired.
            return bool(self.describe(name(number)))

        with errors_in_our_words():
            number, _ = run_once(self._client, base, submit, location=self._location, stands=stands)
        return name(number)

    def _load_job(self, table: str, schema: TableSchema, rows: pa.Table, *, job_id: str | None) -> Any:
        buffer = io.BytesIO()
        pq.write_table(rows, buffer)
        buffer.seek(0)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=load_schema(schema),
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            labels=_labels(table=schema.name),
        )
        options = bigquery.ParquetOptions()
        # Without it an array arrives as a record of a record.
        options.enable_list_inference = True
        config.parquet_options = options
        return self._client.load_table_from_file(
            buffer, self._reference(table), job_id=job_id, location=self._location, job_config=config
        )


def _labels(**of_job: str) -> dict[str, str]:
    """The labels of a job: ours, those of the work under way, its own."""
    return LABELS | dict(current_work().labels) | {name: label(value) for name, value in of_job.items()}
