"""What a day and a season would cost on Temporal Cloud and BigQuery: `python -m benchmarks.cost`.

Everything that the schedules start on a date runs once, on the recorded day: the launch with the day itself,
a refresh, a look for an absent day, a reconciliation. Temporal's actions are counted from the histories (and
heartbeats from the worker's metrics), load jobs and bytes by `bigquery_meter.py`, which reckons by BigQuery's
published rules; `prices.toml` says what they cost. A season is as many dates as this one, so it's too much.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.bigquery_meter import MIB, logical_bytes
from benchmarks.day import prepared
from benchmarks.histories import told
from benchmarks.machine import described
from benchmarks.metered_worker import METER
from benchmarks.stacks import running
from shared import names
from shared.alerts import AbsenceInput
from shared.clock import parse_instant
from shared.config import TASK_QUEUE
from shared.ids import daily_workflow_id
from shared.messages import LaunchInput
from shared.reconcile import ReconcileInput
from shared.refresh import RefreshInput
from shared.schedules import absence_times, reconcile_times, refresh_times
from starter.home import StackInfo
from warehouse.connect import connect

WORKER = (sys.executable, "-m", "benchmarks.metered_worker")
PRICES = Path(__file__).with_name("prices.toml")
DAILY_AT, REFRESH_EVERY = time(6), 2
"""The defaults of `tipoff schedule create`."""

OF_A_SCHEDULE = 2
"""Actions of a schedule's start beside that of the workflow it starts."""

TIB, GIB, GB = 2**40, 2**30, 10**9
HOURS_A_DAY = 24
_HEARTBEATS = re.compile(
    r'^temporal_request(?:_total)?\{[^}]*operation="RecordActivityTaskHeartbeat"[^}]*\} (\S+)', re.MULTILINE
)


@dataclass
class Usage:
    """What something used, or so many of it."""

    actions: Counter[str] = field(default_factory=Counter)
    events: int = 0
    history_bytes: int = 0
    loads: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    processed: int = 0
    billed: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.actions + other.actions, self.events + other.events,
            self.history_bytes + other.history_bytes,
            self.loads + other.loads, self.statements + other.statements, self.processed + other.processed,
            self.billed + other.billed,
        )  # fmt: skip

    def times(self, number: int) -> Usage:
        """So many of it."""
        return Usage(
            Counter({name: n * number for name, n in self.actions.items()}), self.events * number,
            self.history_bytes * number, Counter({name: n * number for name, n in self.loads.items()}),
            self.statements * number, self.processed * number, self.billed * number,
        )  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """What was counted."""

    parts: dict[str, tuple[int, Usage]]
    """By what the schedules start: how often a date, and what one uses."""
    warehouse_bytes: int
    """Logical, that the day added."""
    object_bytes: int
    objects: int

    @property
    def day(self) -> Usage:
        """All that a date uses."""
        total = Usage()
        for number, usage in self.parts.values():
            total += usage.times(number)
        return total


class Accountant:
    """Counts what a workflow uses, from when it's started until what it started has ended."""

    def __init__(self, info: StackInfo, client: Client, meter: Path) -> None:
        self._info, self._client, self._meter = info, client, meter

    async def of(self, workflow: str, request: Any, then: Callable[[], Awaitable[object]]) -> Usage:
        """What one run of a workflow uses, with its children."""
        before, beats = self._metered(), await self._heartbeats()
        handle = await self._client.start_workflow(
            workflow, request, id=f"cost-{workflow}", task_queue=TASK_QUEUE
        )
        await handle.result()
        await then()
        found, after = await told(self._client, handle.id), self._metered()
        found.actions["heartbeat"] += await self._heartbeats() - beats
        found.actions["schedule"] += OF_A_SCHEDULE
        return Usage(
            found.actions, found.events, found.bytes,
            Counter(after["loads"]) - Counter(before["loads"]),
            *(after[name] - before[name] for name in ("statements", "processed", "billed")),
        )  # fmt: skip

    def _metered(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"loads": {}, "statements": 0, "processed": 0, "billed": 0}
        return json.loads(self._meter.read_text()) if self._meter.exists() else empty

    async def _heartbeats(self) -> int:
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"{self._info.health_url}/metrics")).raise_for_status().text
        return int(sum(float(number) for number in _HEARTBEATS.findall(text)))


async def count(home: Path, day: date, meter: Path) -> dict[str, tuple[int, Usage]]:
    """Runs what the schedules start."""
    async with running(home, "recorded", worker=WORKER, environ={METER: str(meter)}) as (info, client):
        counter = Accountant(info, client, meter)
        clock = httpx.get(f"{info.replay_url}/clock/{day}").raise_for_status().json()
        as_of = parse_instant(clock["as_of"])

        async def day_ends() -> None:
            await client.get_workflow_handle(daily_workflow_id(day)).result()

        async def nothing() -> None:
            pass

        refresh = RefreshInput(game_date=day, as_of=as_of + timedelta(minutes=30))
        reconcile = ReconcileInput(start=day, end=day)
        return {
            "the day": (1, await counter.of(names.LAUNCH, LaunchInput(game_date=day), day_ends)),
            "a refresh": (
                len(refresh_times(DAILY_AT, REFRESH_EVERY)),
                await counter.of(names.REFRESH_DAY, refresh, day_ends),
            ),
            "a reconciliation": (
                len(reconcile_times(DAILY_AT)), await counter.of(names.RECONCILE, reconcile, nothing)
            ),
            "a look for an absent day": (
                len(absence_times(DAILY_AT)),
                await counter.of(names.ABSENCE_ALARM, AbsenceInput(game_date=day), nothing),
            ),
        }  # fmt: skip


def stored(home: Path) -> tuple[int, int, int]:
    """Logical bytes of all tables, bytes and number of the stored responses."""
    warehouse = connect("duckdb", home=home)
    try:
        tables = sum(
            logical_bytes(warehouse.read(name), schema) for name, schema in warehouse.schemas.items()
        )
    finally:
        warehouse.close()
    files = [path for path in (home / "objects").rglob("*") if path.is_file()]
    return tables, sum(path.stat().st_size for path in files), len(files)


def counted(base: Path, day: date) -> Counted:
    """Counts on a copy of a home with history."""
    with tempfile.TemporaryDirectory(prefix="tipoff-cost-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        shutil.copytree(base, home)
        before = stored(home)
        parts = asyncio.run(count(home, day, Path(folder) / "meter.json"))
        after = stored(home)
    return Counted(parts, *(b - a for a, b in zip(before, after, strict=True)))


def dollars(found: Counted, prices: dict[str, Any]) -> dict[str, float]:
    """What a season costs, by service, free allowances taken off."""
    temporal, bigquery, objects = prices["temporal_cloud"], prices["bigquery"], prices["cloud_storage"]
    dates, months = prices["season"]["dates"], prices["season"]["months"]
    day = found.day
    kept_gb_hours = day.history_bytes / GB * HOURS_A_DAY * temporal["retention_days"]
    actions = day.actions.total() / 1e6 * temporal["actions_per_million"]
    usage = dates * (actions + kept_gb_hours * temporal["retained_storage_per_gb_hour"])
    queried = max(0.0, dates * day.billed / TIB - months * bigquery["free_query_tib_a_month"])
    # On average half of a season's rows are there.
    held_gib = max(0.0, dates * found.warehouse_bytes / GIB / 2 - bigquery["free_storage_gib"])
    held_gb = dates * found.object_bytes / GB / 2
    return {
        "Temporal Cloud": usage * (1 + temporal["plan_share_of_usage"]),
        "BigQuery, queries": queried * bigquery["query_per_tib"],
        "BigQuery, storage": months * held_gib * bigquery["storage_per_gib_month"],
        "Cloud Storage": months * held_gb * objects["storage_per_gb_month"]
        + dates * found.objects / 1e3 * objects["writes_per_thousand"],
    }


def show(found: Counted, prices: dict[str, Any], console: Console) -> None:
    """The tables."""
    table = Table(title="What the schedules start on a date, each once; then a date, then a season")
    for column in ("", "a date", "actions", "events", "load jobs", "statements", "MiB billed", "history kB"):
        table.add_column(column, justify="right" if column else "left")

    def row(name: str, number: str, usage: Usage) -> None:
        table.add_row(
            name, number, f"{usage.actions.total():,}", f"{usage.events:,}", f"{usage.loads.total():,}",
            f"{usage.statements:,}", f"{usage.billed / MIB:,.0f}", f"{usage.history_bytes / 1e3:,.0f}",
        )  # fmt: skip

    for name, (number, usage) in found.parts.items():
        row(name, str(number), usage)
    row("a date", "", found.day)
    dates = prices["season"]["dates"]
    row(f"a season of {dates} dates", "", found.day.times(dates))
    console.print(table)
    most, loads = (found.day.loads.most_common(1) or [("", 0)])[0]
    console.print(
        f"load jobs a date: {found.day.loads.total():,}, most of one table {loads} ({most}); "
        f"the old system's {prices['old_system']['load_jobs_a_day']:,}; BigQuery's limit "
        f"{prices['bigquery']['loads_a_table_and_day']:,} a table and day"
    )
    console.print(
        f"bytes scanned a date {found.day.processed / MIB:,.0f} MiB, billed {found.day.billed / MIB:,.0f} "
        f"(at least 10 a table and statement); stored a date: {found.warehouse_bytes / MIB:.1f} MiB of rows, "
        f"{found.object_bytes / MIB:.1f} MiB of {found.objects} responses"
    )
    console.print("actions of the day: " + ", ".join(f"{n} {k}" for k, n in _most(found)))
    costs = dollars(found, prices)
    each = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    console.print(f"a season: {sum(costs.values()):.2f} USD ({each}); prices of {_looked_up(prices)}")
    console.print(described())


def _most(found: Counted) -> list[tuple[str, int]]:
    return found.parts["the day"][1].actions.most_common()


def _looked_up(prices: dict[str, Any]) -> str:
    return str(min(part["looked_up"] for part in prices.values() if "looked_up" in part))


def main() -> None:
    """Prints what is counted and what it costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 11, 12))
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--base", type=Path, help="keep the home with history here, or take it from here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tipoff-cost-") as folder:
        base = arguments.base or Path(folder) / "base"
        prepared(base, "recorded", arguments.date, arguments.seasons)
        found = counted(base, arguments.date)
    show(found, tomllib.loads(PRICES.read_text()), Console(width=130))


if __name__ == "__main__":
    main()
