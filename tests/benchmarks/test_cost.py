"""What the reckoning of costs relies on: BigQuery's sizes and minimums, payloads in histories, the prices."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from benchmarks.bigquery_meter import MIB, Meter, billed, logical_bytes
from benchmarks.cost import PRICES, Counted, Usage, dollars
from benchmarks.histories import payload_sizes
from benchmarks.metered_worker import metered
from tests.warehouse.samples import ROSTERS
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.schema import parse_table

SCHEMA = parse_table(
    """CREATE TABLE IF NOT EXISTS `d.t` (day DATE NOT NULL OPTIONS (description = 'a'),
    name STRING OPTIONS (description = 'b'), points INT64 OPTIONS (description = 'c'),
    marks ARRAY<STRING> OPTIONS (description = 'd'), PRIMARY KEY (day) NOT ENFORCED)
    PARTITION BY day OPTIONS (description = 'e')""",
    "d/t.sql",
)


def test_sizes_are_those_that_bigquery_counts() -> None:
    rows = pd.DataFrame(
        {
            "day": [date(2025, 1, 1)] * 2,
            "name": ["Dončić", None],
            "points": [3.0, None],
            "marks": [["a", "bc"], []],
        }
    )
    day, name, points, marks = 2 * 8, 2 + len("Dončić".encode()), 8, 3 + 4
    assert logical_bytes(rows, SCHEMA) == day + name + points + marks


def test_a_statement_is_billed_in_whole_mib_and_ten_at_least_for_each_of_its_tables() -> None:
    assert billed([0]) == 10 * MIB
    assert billed([1, 12 * MIB + 1]) == (10 + 13) * MIB


def test_the_meter_counts_into_a_file(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "meter.json")
    meter.load("d.t")
    meter.statement(5, 7)
    told = json.loads((tmp_path / "meter.json").read_text())
    assert told == {"loads": {"d.t": 1}, "statements": 1, "processed": 12, "billed": 20 * MIB}


def test_a_table_is_metered_whether_it_is_read_as_a_frame_or_as_arrow(
    engine: DuckDBWarehouse, tmp_path: Path
) -> None:
    metered(Meter(tmp_path / "meter.json"))
    engine.read(ROSTERS, columns=["team_abbr"])
    engine.read_table(ROSTERS, columns=["team_abbr"])
    assert json.loads((tmp_path / "meter.json").read_text())["statements"] == 2


def test_payloads_are_found_in_lists_and_in_maps() -> None:
    completed, started = HistoryEvent(), HistoryEvent()
    result = completed.activity_task_completed_event_attributes.result
    result.payloads.extend([Payload(data=b"123"), Payload(data=b"12345")])
    started.workflow_execution_started_event_attributes.memo.fields["a"].data = b"1234567"
    assert payload_sizes(completed) == [3, 5]
    assert payload_sizes(started) == [7]


def test_a_season_is_priced_by_the_file_with_free_allowances_taken_off() -> None:
    prices = tomllib.loads(PRICES.read_text())
    free = prices["season"]["months"] * prices["bigquery"]["free_query_tib_a_month"] * 2**40
    dates = prices["season"]["dates"]
    billed_bytes = round((free + 2 * 2**40) / dates)
    used = Usage(Counter(activity=1_000), 0, 0, Counter(), 0, 0, billed_bytes)
    costs = dollars(Counted({"the day": (1, used)}, 0, 0, 0), prices)
    assert costs["Temporal Cloud"] == pytest.approx(dates * 1_000 / 1e6 * 50 * 1.1)
    assert costs["BigQuery, queries"] == pytest.approx(2 * 6.25, rel=1e-6)
    assert costs["BigQuery, storage"] == 0
