"""Incidents of what was written: wrong tables, half a write, a wrong count, values that lost their type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.operations import reconcile
from activities.runner import ProcessorRunner
from activities.surroundings import Surroundings
from shared.errors import BadRequest, SchemaViolation, WarehouseUnavailable
from shared.messages import ProcessorRequest
from shared.phases import PHASE_NAMES
from shared.reconcile import ReconcilePlanRequest
from tests.incidents.incident import incident
from tests.operations.test_reconcile import ran
from tests.predictions.tables import (
    DAY,
    FEATURE_STORE,
    PREDICTIONS,
    feature_row,
    frame,
    predictions,
    upcoming_row,
    vector,
)
from warehouse import duckdb_writes, frames
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer, WriteResult


def _no_such_table_is_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    right = DuckDBWarehouse.query

    def query(self: DuckDBWarehouse, sql: str, params: dict[str, object] | None = None) -> pd.DataFrame:
        try:
            return right(self, sql, params)
        except BadRequest:
            return pd.DataFrame({"day": [], "n": []})

    monkeypatch.setattr(DuckDBWarehouse, "query", query)


@incident(
    36, "A clean-up with 11 wrong table names republished everything: 5,000 retries a day",
    prevented="Tables are named by the schema, and a name that is none is an error, never an empty table",
    fix_out=_no_such_table_is_no_rows, fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_36_a_table_that_is_not_there_is_no_gap_to_be_filled(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {table for table, _, _ in reconcile.COUNTED.values()} <= set(around.warehouse.schemas)
    ran(around.warehouse, DAY, dict.fromkeys(PHASE_NAMES, "completed"))
    wrong = ("nba_predictions.player_predictions", "game_date", "is_active")
    monkeypatch.setitem(reconcile.COUNTED, "predictions", wrong)
    request = ReconcilePlanRequest(start=DAY, end=DAY, now=datetime(2025, 11, 8, tzinfo=UTC))
    with pytest.raises(ApplicationError, match="player_predictions") as refused:
        ActivityEnvironment().run(reconcile.Reconciler(around).plan_reconcile, request)
    assert refused.value.non_retryable


@contextmanager
def _each_statement_by_itself(self: DuckDBWarehouse) -> Iterator[Any]:
    with self._writing, self._file.cursor() as cursor:
        yield cursor


@incident(
    44, "One state was written to two stores without a transaction, and they disagreed",
    prevented="Rows, fence and ledger are written in one transaction of one warehouse, or not at all",
    fix_out=lambda patch: patch.setattr(DuckDBWarehouse, "_transaction", _each_statement_by_itself),
    fails_with="assert 1 == 0",
)  # fmt: skip
def test_incident_44_rows_and_their_record_are_written_together_or_not_at_all(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_cursor: object, _plan: object) -> None:
        raise WarehouseUnavailable("the disk is full")

    rows = predictions([upcoming_row(1)])
    with monkeypatch.context() as patch:
        patch.setattr(duckdb_writes, "record", broken)
        with pytest.raises(WarehouseUnavailable):
            Writer(warehouse).merge(PREDICTIONS, rows, write_key="k", fence=Fence(1), run_id="r")
    assert len(warehouse.read(PREDICTIONS)) == 0
    written = Writer(warehouse).merge(PREDICTIONS, rows, write_key="k", fence=Fence(1), run_id="r")
    assert (written.replayed, len(warehouse.read(PREDICTIONS))) == (False, 1)


def _forgot_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Writer.replace

    def replace_(self: Writer, *arguments: Any, **options: Any) -> WriteResult:
        return replace(right(self, *arguments, **options), rows=0)

    monkeypatch.setattr(Writer, "replace", replace_)


@incident(
    48, "The statistics said 0 rows where 169 had been saved: an override forgot the counter",
    prevented="No processor counts its rows: the number is the write's own, and a validator compares",
    fix_out=_forgot_to_count, fails_with="assert 0 == ",
)  # fmt: skip
def test_incident_48_the_rows_reported_are_the_rows_written(around: Surroundings) -> None:
    now = datetime(2025, 11, 7, 12, tzinfo=UTC)
    request = ProcessorRequest(
        game_date=DAY, phase="precompute", processor="system_calibration", as_of=now, started_at=now, epoch=1
    )
    result = ActivityEnvironment().run(ProcessorRunner(around).run_processor, request)
    there = len(around.warehouse.read("nba_predictions.system_calibration", dates=[DAY]))
    assert result.rows == there
    assert there > 0


@incident(
    49, "Lists encoded as JSON twice, NaN and decimals of 17 digits had whole batches refused",
    prevented="A frame is checked and converted by its table's types before any write; a list is no text",
    fix_out=lambda patch: patch.setattr(frames, "_items", lambda value, kind: list(value)),
    fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_49_lists_nan_and_long_decimals_are_stored_as_what_they_are(warehouse: Warehouse) -> None:
    writer = Writer(warehouse)

    def merge(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        writer.merge(table, rows, write_key=f"{table}/{len(rows.columns)}", fence=Fence(1), run_id="r")
        return warehouse.read(table)

    exact = vector(points_avg_last_5=24.123456789012345)
    stored = merge(FEATURE_STORE, frame(FEATURE_STORE, [feature_row(1, features=exact)])).iloc[0]
    assert list(stored["features"]) == exact
    unpriced = merge(PREDICTIONS, predictions([upcoming_row(1)]).assign(over_price=float("nan")))
    assert unpriced["over_price"].isna().all()
    twice = frame(FEATURE_STORE, [feature_row(2, feature_names='["points_avg_last_5"]')])
    with pytest.raises(SchemaViolation, match=r"feature_names \(ARRAY<STRING>\)"):
        merge(FEATURE_STORE, twice)
    unknown = frame(FEATURE_STORE, [feature_row(2, features=[float("nan")])])
    with pytest.raises(SchemaViolation, match="nor NaN"):
        merge(FEATURE_STORE, unknown)
