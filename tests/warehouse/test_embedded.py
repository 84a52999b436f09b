"""The embedded warehouse: killed at any moment, held by one process."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shared.errors import ConfigurationError, WarehouseLocked, WarehouseUnavailable
from tests.warehouse.samples import D1, LEDGER, ROSTERS, rosters, sample_schemas
from warehouse import duckdb_file
from warehouse.connect import connect
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.hashing import hash_table
from warehouse.writer import Fence, Writer

ROOT = Path(__file__).resolve().parent.parent.parent


def start(path: Path, run: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warehouse.crash_writer", str(path), str(run)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline(), "the writer did not start"
    return process


def test_killed_at_any_moment_it_reopens_with_ledger_and_data_agreeing(tmp_path: Path) -> None:
    path, chance = tmp_path / "warehouse.duckdb", random.Random(7)
    for run in range(1, 7):
        process = start(path, run)
        time.sleep(chance.uniform(0.0, 0.25))
        process.kill()
        said = process.stdout.read().split() if process.stdout else []
        process.wait()
        reopened = DuckDBWarehouse(path, sample_schemas())
        ledger, data = reopened.read(LEDGER), reopened.read(ROSTERS)
        (name,) = data["player_name"].unique()
        last = ledger[ledger["run_id"] == str(run)].iloc[
            ledger[ledger["run_id"] == str(run)]["write_key"].str.split("/").str[1].astype(int).argmax()
        ]
        assert last["write_key"] == name
        assert last["row_count"] == len(data)
        assert last["content_hash"] == hash_table(reopened, ROSTERS)
        # What was reported as written is written; at most the one in flight is there besides.
        reported = int(said[-1].split("/")[1]) if said else 1
        assert reported <= int(str(name).split("/")[1]) <= reported + 1
        assert ledger["write_key"].is_unique
        reopened.close()


def test_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    process = start(path, 1)
    try:
        with pytest.raises(WarehouseLocked, match=rf"held by worker pid {process.pid} on .* since 20"):
            DuckDBWarehouse(path, sample_schemas())
    finally:
        process.kill()
        process.wait()
    DuckDBWarehouse(path, sample_schemas()).close()


def test_after_a_fatal_error_it_opens_the_file_anew_and_goes_on(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())
    warehouse.ensure_tables()
    writer = Writer(warehouse)

    def write(*players: int) -> None:
        writer.replace(
            ROSTERS, rosters(*players), partitions=[D1], write_key=str(players), fence=Fence(1), run_id="run"
        )

    write(1)
    with ThreadPoolExecutor(1) as other:
        # Another thread's idle cursor must not keep the broken instance alive.
        assert len(other.submit(warehouse.read, ROSTERS).result()) == 1
        # What a disk that is full at a checkpoint does.
        with warehouse._file.cursor() as cursor:
            cursor.execute("SET GLOBAL debug_checkpoint_abort = 'before_header'")
        with pytest.raises(duckdb.FatalException), warehouse._file.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        write(1, 2)
        assert len(other.submit(warehouse.read, ROSTERS).result()) == 2
    warehouse.ping()
    assert len(warehouse.read(LEDGER)) == 2
    warehouse.close()


def test_a_fatal_error_met_by_a_reader_or_a_writer_is_worth_another_try(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())
    warehouse.ensure_tables()
    with warehouse._file.cursor() as cursor:
        cursor.execute("SET GLOBAL debug_checkpoint_abort = 'before_header'")
        with pytest.raises(duckdb.FatalException):
            cursor.execute("CHECKPOINT")
        # The holder of the broken instance has not left: nobody else can have a new one yet.
        with pytest.raises(WarehouseUnavailable):
            warehouse.read(ROSTERS)
        with pytest.raises(WarehouseUnavailable):
            warehouse.query("SELECT 1 AS one")
        with pytest.raises(WarehouseUnavailable):
            warehouse.sweep_staging(timedelta(0))
        with pytest.raises(WarehouseUnavailable):
            warehouse.ping()
    assert warehouse.read(ROSTERS).empty
    warehouse.close()
    with pytest.raises(WarehouseUnavailable):
        warehouse.read(ROSTERS)


def test_closed_it_can_be_opened_again_in_the_same_process(tmp_path: Path) -> None:
    first = connect("duckdb", home=tmp_path)
    first.ensure_tables()
    with pytest.raises(WarehouseLocked):
        connect("duckdb", home=tmp_path)
    first.close()
    second = connect("duckdb", home=tmp_path)
    assert second.ensure_tables() == []
    second.close()


@pytest.mark.parametrize(
    "url", ["postgres://x", "bigquery://", "bigquery://p?endpont=x", "bigquery://p?maximum_bytes_billed=lots"]
)
def test_a_url_that_names_no_warehouse_is_a_configuration_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="TIPOFF_WAREHOUSE"):
        connect(url, home=tmp_path)


class _Modules(MutableMapping[str, Any]):
    """A mapping that is no dict, as the workflow sandbox puts it in the place of `sys.modules`."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self._modules = modules

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._modules[key] = value

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def test_writes_go_through_while_workflow_modules_are_imported(tmp_path: Path) -> None:
    modules, stop = sys.modules, threading.Event()

    def sandbox() -> None:
        while not stop.is_set():
            sys.modules = _Modules(modules)  # type: ignore[assignment]
            time.sleep(0.002)
            sys.modules = modules
            time.sleep(0.004)

    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())
    warehouse.ensure_tables()
    writer = Writer(warehouse)
    importing = threading.Thread(target=sandbox)
    importing.start()
    try:
        for number in range(60):
            writer.replace(
                ROSTERS, rosters(1), partitions=[D1], write_key=f"w/{number}", fence=Fence(number),
                run_id="r",
            )  # fmt: skip
    finally:
        stop.set()
        importing.join()
        sys.modules = modules
    assert len(warehouse.read(LEDGER)) == 60
    warehouse.close()


def test_one_question_of_many_threads_is_answered_to_each_with_its_own_values(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())

    def asked(number: int) -> int:
        return int(warehouse.query("SELECT @number AS number", {"number": number})["number"].iloc[0])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(asked, range(400))) == list(range(400))
    warehouse.close()


def test_more_questions_than_are_kept_parsed_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "STATEMENTS", 3)
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", sample_schemas())
    for number in (*range(10), *range(10)):
        assert warehouse.query(f"SELECT {number} AS number")["number"].tolist() == [number]
    warehouse.close()
