"""The quota of loads a table and day: warned of, kept back from, and nothing lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from structlog.testing import capture_logs

from shared.errors import QuotaExceeded
from warehouse.connect import connect
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer, WriteResult

TABLE = "nba_orchestration.alerts"
DAY = date(2025, 11, 7)


@dataclass
class Clock:
    now: datetime = datetime(2025, 11, 7, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An embedded warehouse that takes a hundred loads of a table a day."""
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    warehouse.loads_a_day = 100
    yield warehouse
    warehouse.close()


def write(writer: Writer, key: int, table: str = TABLE) -> WriteResult:
    """One row under a key of its own."""
    row = dict.fromkeys(writer._warehouse.schemas[table].column_names) | {
        "game_date": DAY, "cause": f"cause {key}", "severity": "info", "title": "t", "text": "t",
        "occurrences": 1, "first_seen": datetime(2025, 11, 7, tzinfo=UTC),
        "last_seen": datetime(2025, 11, 7, tzinfo=UTC), "undelivered": [],
    }  # fmt: skip
    return writer.merge(table, pd.DataFrame([row]), write_key=str(key), fence=Fence(1), run_id="r")


def test_at_four_fifths_it_is_said_before_the_limit_it_is_refused_and_the_next_day_takes_it(
    warehouse: Warehouse,
) -> None:
    clock = Clock()
    writer = Writer(warehouse, clock)
    with capture_logs() as said:
        for n in range(97):
            write(writer, n)
    warned = [line for line in said if line["event"] == "load quota"]
    assert [(line["table"], line["loads"], line["most"]) for line in warned] == [(TABLE, 80, 100)]
    with pytest.raises(QuotaExceeded, match=f"{TABLE}: 97 of 100 loads today") as refused:
        write(writer, 97)
    assert refused.value.retry_after == timedelta(minutes=10)
    assert len(warehouse.read(TABLE)) == 97
    assert writer.refused_lately(timedelta(seconds=60))
    with pytest.raises(QuotaExceeded):
        # Another process counts the same ledger.
        write(Writer(warehouse, clock), 97)
    clock.now += timedelta(hours=4)
    assert write(writer, 97).rows == 1
    assert not writer.refused_lately(timedelta(seconds=60))
    assert len(warehouse.read(TABLE)) == 98


def test_the_loads_of_other_workers_count_too(warehouse: Warehouse) -> None:
    clock = Clock()
    one, other = Writer(warehouse, clock), Writer(warehouse, clock)
    refused = 0
    for n in range(60):
        for writer, key in ((one, n), (other, 1_000 + n)):
            try:
                write(writer, key)
            except QuotaExceeded:
                refused += 1
    assert refused > 0
    written = len(warehouse.read(TABLE))
    assert written + refused == 120
    assert 97 <= written <= 98


def test_the_embedded_engine_has_no_such_quota(warehouse: Warehouse) -> None:
    warehouse.loads_a_day = None
    writer = Writer(warehouse, Clock())
    for n in range(101):
        write(writer, n)
    assert len(warehouse.read(TABLE)) == 101
