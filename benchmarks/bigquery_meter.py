"""What BigQuery would bill for what the embedded engine is asked: reckoned by its published rules.

https://cloud.google.com/bigquery/docs/estimate-costs and …/reference/standard-sql/dml-syntax: a statement
is billed for the columns it refers to in the partitions it scans, DELETE and MERGE for the whole partitions
they change besides, in whole MiB and for at least 10 MiB a table; load jobs are free and counted. The
statements are those of `warehouse/bigquery_sql.py` and `warehouse/bigquery_engine.py`. No figure here comes
from BigQuery.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from warehouse.schema import TableSchema

MIB = 2**20
LEAST = 10 * MIB
"""Bytes billed for a table, however little of it is scanned."""

_WIDTH = {"INT64": 8, "FLOAT64": 8, "NUMERIC": 16, "BOOL": 1, "DATE": 8, "TIMESTAMP": 8}

STATEMENTS_ON_FENCES = 3
"""Of a write's script that scan its fence table: the lock row, the comparison, the replacement."""

LOOKS_INTO_LEDGER = 3
"""Before the write, in its script, and after it."""


def logical_bytes(rows: pd.DataFrame, schema: TableSchema) -> int:
    """The size of these columns as BigQuery counts it: NULL is 0, a text 2 and its UTF-8 bytes."""
    kinds = {column.name: column.type for column in schema.columns}
    return sum(_column(rows[name], kinds[name]) for name in rows.columns)


def _column(values: pd.Series, kind: str) -> int:
    if kind.startswith("ARRAY<"):
        inner = kind.removeprefix("ARRAY<").removesuffix(">")
        return _column(pd.Series([v for one in values if one is not None for v in one], dtype=object), inner)
    there = values[values.notna()]
    if kind == "STRING":
        return sum(2 + len(str(text).encode()) for text in there)
    return _WIDTH[kind] * len(there)


def billed(scanned: Iterable[int]) -> int:
    """Bytes billed for a statement that scans so many of each of its tables."""
    return sum(max(LEAST, -(-size // MIB) * MIB) for size in scanned)


class Meter:
    """Counts, from any thread, into a file that is whole at any time."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._loads: Counter[str] = Counter()
        self._statements = self._processed = self._billed = 0

    def load(self, table: str) -> None:
        """One load job."""
        with self._lock:
            self._loads[table] += 1
            self._save()

    def statement(self, *scanned: int) -> None:
        """One statement over tables of which it scans so many bytes each."""
        with self._lock:
            self._statements += 1
            self._processed += sum(scanned)
            self._billed += billed(scanned)
            self._save()

    def _save(self) -> None:
        partial = self._file.with_suffix(".partial")
        partial.write_text(
            json.dumps(
                {
                    "loads": self._loads, "statements": self._statements,
                    "processed": self._processed, "billed": self._billed,
                }
            )
        )  # fmt: skip
        partial.replace(self._file)
