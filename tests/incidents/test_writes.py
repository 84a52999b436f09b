"""Incidents of writing: quotas, duplicates, and rows that were lost without a word."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core import exceptions as api
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner

import workflows.predictions
from activities.operations.status import EXECUTION_LOG, PHASE_STATUS, RUN_HISTORY, StatusRecorder
from activities.surroundings import Surroundings
from shared.errors import SupersededWrite
from shared.messages import DayStatus, PhaseState, ProcessorRequest, Transition, Transitions
from shared.phases import PHASES
from tests.grading.test_grading import bet, grade, played
from tests.incidents.days import settled
from tests.incidents.incident import incident
from tests.predictions.tables import DAY, PREDICTIONS, predictions, upcoming_row
from tests.warehouse.samples import D1, ROSTERS, rosters, sample_schemas
from tests.workflows import world as scripted
from tests.workflows.world import World, running_worker
from warehouse import duckdb_writes
from warehouse.bigquery_engine import LOADS_A_DAY, BigQueryWarehouse
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.protocol import Warehouse, WritePlan
from warehouse.writer import Fence, Writer, WriteResult

RESULTS = "nba_predictions.prediction_results"


def _one_load_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Writer.merge

    def merge(
        self: Writer, table: str, frame: pd.DataFrame, *, write_key: str, **rest: Any
    ) -> list[WriteResult]:
        rows = [frame.iloc[[n]] for n in range(len(frame))]
        return [right(self, table, row, write_key=f"{write_key}/{n}", **rest) for n, row in enumerate(rows)]

    monkeypatch.setattr(Writer, "merge", merge)


@incident(
    6, "One load job a row of monitoring, 2,466 a day where 1,500 are allowed: nothing ran for four hours",
    prevented="What a day tells of itself is written in batches, one load a table, and loads are counted",
    fix_out=_one_load_a_row, fails_with=" loads",
)  # fmt: skip
def test_incident_6_a_batch_of_status_rows_is_one_load_a_table(around: Surroundings) -> None:
    loads: Counter[str] = Counter()
    writer = Writer(around.warehouse, loaded=lambda table: loads.update([table]))
    telling = Surroundings(around.settings, around.warehouse, writer)
    at = datetime(2025, 11, 7, 18, tzinfo=UTC)
    said = [
        Transition(
            game_date=DAY, phase=phase.name, processor=processor, state=PhaseState.COMPLETED, run_id="r",
            at=at, started_at=at - timedelta(seconds=5),
        )
        for phase in PHASES
        for processor in ("", *(p.name for p in phase.processors))
    ]  # fmt: skip
    assert len(said) > 45
    recorder = StatusRecorder(telling)
    ActivityEnvironment().run(recorder.record_transitions, Transitions(epoch=1, transitions=tuple(said)))
    assert len(around.warehouse.read(PHASE_STATUS, dates=[DAY])) == len(said)
    assert loads == {PHASE_STATUS: 1, EXECUTION_LOG: 1, RUN_HISTORY: 1}, f"{loads[PHASE_STATUS]} loads"
    assert LOADS_A_DAY == 1_500


def at_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    """Two writers who meet in the middle of their transactions, if anything lets both of them in."""
    meeting, right = threading.Barrier(2), duckdb_writes.write_rows
    errors: list[Exception] = []

    def met(cursor: Any, plan: WritePlan) -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.5)
        right(cursor, plan)

    def run(number: int) -> None:
        try:
            write(Writer(warehouse), number)
        except Exception as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    monkeypatch.setattr(duckdb_writes, "write_rows", met)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []


def _any_number_of_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    no_lock = property(lambda self: nullcontext(), lambda self, lock: None)
    monkeypatch.setattr(DuckDBWarehouse, "_writing", no_lock, raising=False)


@incident(
    10, "Duplicates 0.4 s apart: two MERGEs at once, and neither saw a match",
    prevented="One writer at a time commits to a table, and an earlier run's write is refused by its fence",
    fix_out=_any_number_of_writers, fails_with="assert 2 == 1",
)  # fmt: skip
def test_incident_10_two_merges_at_once_leave_one_row(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = predictions([upcoming_row(1)])
    at_once(
        warehouse, monkeypatch,
        lambda writer, n: writer.merge(
            PREDICTIONS, rows, write_key=f"k{n}", fence=Fence(1), run_id=f"r{n}"
        ),
    )  # fmt: skip
    assert len(warehouse.read(PREDICTIONS)) == 1
    with pytest.raises(SupersededWrite, match="written since by a later run"):
        Writer(warehouse).merge(PREDICTIONS, rows, write_key="early", fence=Fence(0), run_id="r")


@incident(
    11, "2,316 gradings twice, 20 % of all: a date was graded twice at once, each DELETE before both INSERTs",
    prevented="A date's gradings are replaced in one transaction, one after another, under one natural key",
    fix_out=_any_number_of_writers, fails_with="assert 2 == 1",
)  # fmt: skip
def test_incident_11_a_date_that_is_graded_twice_at_once_is_graded_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded = grade(bet("OVER"), [played(1, 25)])
    at_once(
        warehouse, monkeypatch,
        lambda writer, n: writer.replace(
            RESULTS, graded, partitions=(DAY,), write_key=f"k{n}", fence=Fence(1), run_id=f"r{n}"
        ),
    )  # fmt: skip
    assert len(warehouse.read(RESULTS)) == 1


def _failed_chunks_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The completion event of old: sent whatever became of the chunk."""
    monkeypatch.setattr(scripted, "SANDBOX", UnsandboxedWorkflowRunner())
    monkeypatch.setattr(workflows.predictions, "ProcessorFailure", type("Nobody", (), {}))


@incident(
    12, "A write to staging failed, its error was swallowed, the chunk reported: 30 to 40 % of players lost",
    prevented="A chunk is done once its rows are durable; unless all are, nothing becomes current",
    fix_out=_failed_chunks_are_forgotten, fails_with="<DayStatus.COMPLETED",
)  # fmt: skip
async def test_incident_12_a_chunk_that_could_not_be_staged_is_not_done(client: Client) -> None:
    world = World()

    async def staged(request: ProcessorRequest) -> None:
        if request.chunk == 1:
            raise ApplicationError("staging is full", type="WarehouseUnavailable", non_retryable=True)

    world.behaviours["prediction_chunk"] = staged
    async with running_worker(client, world) as day:
        report = await settled(await day.start())
    assert report.status is DayStatus.WAITING
    assert ("predictions", "prediction_chunk") in [(b.phase, b.processor) for b in report.blockers]
    assert world.runs["player_prop_predictions"] == world.runs["published_documents"] == 0


class StreamingBigQuery:
    """As much of BigQuery's client as a write needs; rows that were streamed can't be deleted for a while."""

    project = "p"

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.streamed = False
        self._staged: list[dict[str, Any]] = []
        self._ledger: dict[str, int] = {}

    def load_table_from_file(self, file: Any, table: str, **_: Any) -> Any:
        self._staged = pq.read_table(file).to_pylist()
        return _job()

    def insert_rows_json(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows += [dict(row) for row in rows]
        self.streamed = True

    def query(self, sql: str, **options: Any) -> Any:
        if "COUNT(*) AS loads" in sql:
            return _job(pa.table({"loads": [len(self._ledger)]}))
        if sql.startswith("SELECT row_count"):
            (asked,) = options["job_config"].query_parameters
            found = [self._ledger[asked.value]] if asked.value in self._ledger else []
            hashes = pa.array(["h"] * len(found), pa.string())
            return _job(pa.table({"row_count": pa.array(found, pa.int64()), "content_hash": hashes}))
        if f"DELETE FROM `{ROSTERS}`" in sql:
            if self.streamed:
                raise api.BadRequest(
                    "UPDATE or DELETE statement over table rosters would affect rows in the streaming buffer"
                )
            self.rows = []
        if "write_ledger" in sql:
            self.rows += self._staged
            self._ledger[re.findall(r'"(key \d)"', sql)[0]] = len(self._staged)
        return _job()


def _job(rows: pa.Table | None = None) -> Any:
    result = SimpleNamespace(to_arrow=lambda **_: rows)
    return SimpleNamespace(
        result=lambda **_: result, total_bytes_processed=0, total_bytes_billed=0, state="DONE",
        error_result=None,
    )  # fmt: skip


def _streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The write of old: DELETE, then the rows one by one through the streaming API."""

    def apply(self: BigQueryWarehouse, plan: WritePlan) -> WriteResult:
        self._client.query(f"DELETE FROM `{plan.schema.name}` WHERE TRUE")
        self._client.insert_rows_json(plan.schema.name, plan.rows.to_pylist())
        return WriteResult(plan.schema.name, plan.rows.num_rows, plan.content_hash, plan.write_key)

    monkeypatch.setattr(BigQueryWarehouse, "apply", apply)


@incident(
    15, "Rows in the streaming buffer can't be deleted: 62.9 % of a backfill's files were skipped or doubled",
    prevented="Rows come by a load job and one transaction; nothing is streamed, so all can be replaced",
    fix_out=_streamed, fails_with=api.BadRequest,
)  # fmt: skip
def test_incident_15_what_was_written_a_moment_ago_can_be_replaced() -> None:
    client = StreamingBigQuery()
    writer = Writer(BigQueryWarehouse(client, sample_schemas()))
    for number, players in enumerate(((1, 2, 3), (2, 3, 4, 5))):
        rows, key = rosters(*players), f"key {number}"
        writer.replace(ROSTERS, rows, partitions=(D1,), write_key=key, fence=Fence(1), run_id="r")
    assert [row["player_id"] for row in client.rows] == [2, 3, 4, 5]
    assert not client.streamed
