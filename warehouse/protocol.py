"""The warehouse, as everything else sees it. Two engines implement it: DuckDB and BigQuery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypedDict, Unpack

import pandas as pd
import pyarrow as pa

from warehouse.schema import LiveTable, TableSchema

UNPARTITIONED = date(1, 1, 1)
"""The partition date under which a table without partitions is fenced."""


@dataclass(frozen=True, order=True)
class Fence:
    """Who writes: the later run, and within a run the later re-trigger, wins."""

    epoch: int
    """When the writing run began, microseconds since 1970."""
    retrigger: int = 0


@dataclass(frozen=True)
class WriteResult:
    """A write as the ledger has it."""

    table: str
    rows: int
    content_hash: str
    write_key: str
    replayed: bool = False
    """Found in the ledger: an earlier attempt had committed it, and nothing was written now."""


@dataclass(frozen=True)
class WritePlan:
    """One write: rows that are checked and hashed, where they go, and under which key and fence."""

    schema: TableSchema
    rows: pa.Table
    mode: Literal["replace", "merge"]
    partitions: tuple[date, ...]
    """The partitions replaced or touched; empty for a table without partitions."""
    slice: tuple[tuple[str, str], ...]
    """Column and value of the part of the partition that is replaced."""
    write_key: str
    content_hash: str
    fence: Fence
    run_id: str
    now: datetime

    @property
    def slice_name(self) -> str:
        """The slice as the fence table has it."""
        return ",".join(f"{column}={value}" for column, value in self.slice)

    @property
    def fenced(self) -> tuple[date, ...]:
        """The partition dates whose fences are checked and raised."""
        return self.partitions or (UNPARTITIONED,)


class Selection(TypedDict, total=False):
    """What of a table is read; all of it where nothing is said."""

    columns: Sequence[str] | None
    since: date | None
    """The first partition."""
    until: date | None
    """The partition before which it ends: it is NOT included."""
    dates: Sequence[date] | None
    """These partitions."""
    equals: Mapping[str, str] | None
    """Values of columns."""


class Warehouse(Protocol):
    """One warehouse. SQL is BigQuery's, on either engine."""

    schemas: Mapping[str, TableSchema]
    loads_a_day: int | None
    """How many loads of one table it takes a UTC day; None: any number."""

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Answers one SELECT with named parameters (`@name`). Types: see `warehouse.frames.to_pandas`."""

    def read(self, table: str, **selection: Unpack[Selection]) -> pd.DataFrame:
        """Rows by partition, in key order. Types: see `warehouse.frames.to_pandas`."""

    def read_table(self, table: str, **selection: Unpack[Selection]) -> pa.Table:
        """What `read` makes a frame of: to be sent on as it is."""

    def ensure_tables(self) -> list[str]:
        """Creates what is missing and adds new nullable columns; returns the names of what it changed.

        Raises:
            SchemaViolation: a live table differs in a way that can't be mended by itself.
        """

    def describe(self, table: str) -> dict[str, str]:
        """The live table's columns and their BigQuery types."""

    def live_table(self, table: str) -> LiveTable | None:
        """The live table with modes and partitioning; None if it isn't there."""

    def apply(self, plan: WritePlan) -> WriteResult:
        """One transaction: ledger looked up, fences checked and raised, rows written, ledger written.

        Raises:
            SupersededWrite: a later run or re-trigger has written the target since.
        """

    def stage(self, name: str, schema: TableSchema, rows: pa.Table) -> str:
        """Puts rows into a staging table of their own, replaced whole; returns its full name."""

    def read_staged(self, names: Sequence[str]) -> pd.DataFrame:
        """The rows of several staging tables of one target."""

    def sweep_staging(self, older_than: timedelta, *, drop: bool = True) -> list[str]:
        """Drops staging tables made longer ago, or only finds them; returns their names."""

    def ping(self) -> None:
        """Raises `WarehouseUnavailable` if it does not answer."""

    def close(self) -> None:
        """Lets go of it."""
