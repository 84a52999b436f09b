"""The engines that the contract is run against."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.samples import NOON, sample_schemas
from warehouse.bigquery_engine import BigQueryWarehouse
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer, WriteResult

PROJECT = os.environ.get("TIPOFF_TEST_PROJECT", "")
"""A real BigQuery project whose tables may be dropped; where set, the contract is run against it, too."""

_REAL = [pytest.param("project", marks=pytest.mark.project)] if PROJECT else []
ENGINES = ["duckdb", "emulator", *_REAL]

EMULATOR_CANNOT = {
    "test_a_sum_of_numeric_is_exact": "it cuts NUMERIC to three decimals in SUM",
    "test_a_job_id_is_used_once": "it runs a repeated job id again instead of answering 409",
    "test_a_load_refuses_null_in_a_required_column": "it loads by position and does not enforce REQUIRED",
    "test_a_query_over_the_guard_is_refused": "it bills nothing and refuses nothing for its cost",
    "test_a_query_says_what_it_was_billed_for": "it bills nothing",
    "test_two_transactions_on_one_target_conflict": "its one connection runs scripts one after another",
}
"""Tests whose promise the emulator can't vouch for, and why; all others of the contract are run there."""

_numbers = itertools.count(1)


@pytest.fixture(params=ENGINES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a warehouse that starts out without tables; the same one each time within a test."""
    engine, warehouses, project = request.param, [], f"tipoff-test-{next(_numbers)}"
    if engine == "emulator":
        if request.node.originalname in EMULATOR_CANNOT:
            pytest.skip(f"the emulator can't vouch for it: {EMULATOR_CANNOT[request.node.originalname]}")
        address = request.getfixturevalue("emulator_address")

    def open_(schemas: Any = None) -> Warehouse:
        tables = schemas or sample_schemas()
        made: Any
        if engine == "duckdb":
            for earlier in warehouses:
                earlier.close()
            made = DuckDBWarehouse(tmp_path / "warehouse.duckdb", tables)
        elif engine == "emulator":
            made = BigQueryWarehouse.from_url(f"bigquery://{project}/US?endpoint={address}", tables)
        else:
            made = BigQueryWarehouse.from_url(f"bigquery://{real_project()}", tables)
        warehouses.append(made)
        return made

    yield open_
    if engine == "project" and warehouses:
        drop_everything(warehouses[0])
    for warehouse in warehouses:
        warehouse.close()


def drop_everything(warehouse: Any) -> None:
    """Drops the datasets of the sample tables from a project for tests."""
    for dataset in {n.split(".")[0] for n in sample_schemas()} | {"tipoff_staging", "tipoff_fences"}:
        warehouse._client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)


def real_project() -> str:
    """The project of `TIPOFF_TEST_PROJECT`, if its name says that it is for tests."""
    if "test" not in PROJECT:
        pytest.fail(f"TIPOFF_TEST_PROJECT: {PROJECT!r} has no 'test' in its name, and its tables get dropped")
    return PROJECT


@pytest.fixture
def warehouse(opened: Callable[..., Any]) -> Any:
    """A warehouse with the sample tables, empty."""
    made = opened()
    made.ensure_tables()
    return made


class Hand:
    """A writer with fewer words: keys counted up, run and fence usual."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.writer = Writer(warehouse, now=lambda: NOON)
        self._keys = (f"run/act/table/{n}" for n in itertools.count())

    def replace(self, table: str, frame: Any, *days: Any, **options: Any) -> WriteResult:
        """`Writer.replace`."""
        return self.writer.replace(table, frame, partitions=days, **self._usual(options))

    def merge(self, table: str, frame: Any, **options: Any) -> WriteResult:
        """`Writer.merge`."""
        return self.writer.merge(table, frame, **self._usual(options))

    def _usual(self, options: dict[str, Any]) -> dict[str, Any]:
        fence = options.pop("fence", (1, 0))
        key = options.pop("key", None) or next(self._keys)
        return {"write_key": key, "fence": Fence(*fence), "run_id": "run", **options}


@pytest.fixture
def hand(warehouse: Any) -> Hand:
    """A writer on the warehouse."""
    return Hand(warehouse)
