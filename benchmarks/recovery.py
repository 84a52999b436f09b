"""From SIGKILL to progress, by phase: `python -m benchmarks.recovery`.

Runs a day on the embedded stack again and again. Each time the worker, or the Temporal server, is killed at a
random instant within a phase and started again by its supervisor; the time is taken until the next activity
is completed. Ends with 1 if a row is there twice, if the worker's median is not under 5 s, or if the worst is
over its heartbeat timeout and 5 s.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from benchmarks.day import prepared, stack
from benchmarks.histories import events_of
from benchmarks.simulated_season_checks import twice
from shared import messages, names
from shared.config import TASK_QUEUE
from shared.phases import PHASE_NAMES
from starter.home import read_stack
from warehouse.connect import connect

VICTIMS = ("worker", "Temporal server")
LOOK_SECONDS = 0.01
SENT = 0.02
"""Seconds in which the answer of an activity can still arrive that was sent before the kill."""
MEDIAN_BAR, WORST_BAR = 5.0, 15.0
"""Seconds: of all kills of the worker, and of the worst (its heartbeat timeout of 10 s, and 5 s)."""


@dataclass(frozen=True)
class Recovery:
    """One kill."""

    victim: str
    phase: str
    seconds: float
    """To the next activity completed after it."""
    again: int
    """Activities under way that were begun again."""


@dataclass(frozen=True)
class Activity:
    """One activity of a history, completed."""

    name: str
    attempt: int
    started: float
    done: float


async def completed(client: Client, day: date) -> list[Activity]:
    """The completed activities of a day and of its phases, as their histories have them. Unix times."""
    found: list[Activity] = []
    scheduled: dict[tuple[str, int], str] = {}
    started: dict[tuple[str, int], tuple[int, float]] = {}
    async for workflow, event in events_of(client, f"daily-{day}"):
        at = event.event_time.ToDatetime(tzinfo=UTC).timestamp()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            name = event.activity_task_scheduled_event_attributes.activity_type.name
            scheduled[workflow, event.event_id] = name
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            attempt = event.activity_task_started_event_attributes.attempt
            started[workflow, event.event_id] = (attempt, at)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            name = scheduled[workflow, done.scheduled_event_id]
            found.append(Activity(name, *started[workflow, done.started_event_id], at))
    return found


async def _until_under_way(client: Client, workflow: str) -> None:
    """Until an activity of a workflow is under way, or it has ended."""
    while True:
        try:
            told = (await client.get_workflow_handle(workflow).describe()).raw_description
            if told.workflow_execution_info.HasField("close_time") or told.pending_activities:
                return
        except RPCError:
            pass
        await asyncio.sleep(LOOK_SECONDS)


async def lived(
    info: dict[str, Any], day: date, victim: str, phase: str, usual: dict[str, float]
) -> Recovery | None:
    """One day with one kill in a phase; None where the day had ended before it could make progress again.

    Without a victim nothing is killed, and `usual` learns what each phase takes; instants are drawn from it.
    One kill a day: after several in a row the supervisor would wait longer each time.
    """
    client = await Client.connect(str(info["address"]), data_converter=pydantic_data_converter)
    handle = await client.start_workflow(
        names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=day), id=f"daily-{day}",
        task_queue=TASK_QUEUE, result_type=messages.DayReport,
    )  # fmt: skip
    at = 0.0
    if victim:
        await _until_under_way(client, f"daily-{day}/{phase}")
        await asyncio.sleep(random.uniform(0, usual[phase] * 0.8))
        found = read_stack(Path(str(info["home"])))
        assert found
        at = time.time()
        os.kill(next(c.pid for c in found.children if c.name == victim), signal.SIGKILL)
    report = await _end_of(handle)
    if report.status != "completed":
        raise SystemExit(f"{day} {report.status}: {report.message}")
    if not victim:
        for told in report.phases:
            assert told.started_at
            assert told.finished_at
            usual[told.name] = (told.finished_at - told.started_at).total_seconds()
        return None
    done = await completed(client, day)
    after = [a for a in done if a.done > at + SENT]
    if not after:
        return None
    again = sum(a.attempt > 1 and a.started > at for a in done)
    return Recovery(victim, phase, min(a.done for a in after) - at, again)


async def _end_of(handle: WorkflowHandle[Any, messages.DayReport]) -> messages.DayReport:
    """What a day came to; asked again while its server is being started again."""
    while True:
        try:
            return await handle.result()
        except RPCError:
            await asyncio.sleep(0.2)


def measured(
    day: date, source: str, seasons: int, rounds: int, victims: Sequence[str]
) -> tuple[list[Recovery], int]:
    """So many rounds of kills, one in each phase for each victim; and how many rows are there twice."""
    os.environ["TIPOFF_SOURCE"] = source
    root = Path(tempfile.mkdtemp(prefix="tipoff-recovery-"))
    base = prepared(root / "base", source, day, seasons)
    usual: dict[str, float] = {}
    found: list[Recovery] = []
    doubled = 0
    kills = [(v, p) for _ in range(rounds) for v in victims for p in PHASE_NAMES]
    for victim, phase in (("", ""), *kills):
        home = root / "home"
        shutil.copytree(base, home)
        with stack(home, source) as info:
            one = asyncio.run(lived(info, day, victim, phase, usual))
        warehouse = connect("duckdb", home=home)
        doubled += sum(extra for _, extra in twice(warehouse))
        warehouse.close()
        shutil.rmtree(home)
        if one:
            found.append(one)
            sys.stderr.write(f"{victim} in {phase}: {one.seconds:.1f} s, {one.again} begun again\n")
    shutil.rmtree(root)
    return found, doubled


def show(found: list[Recovery], doubled: int, rounds: int) -> bool:
    """Prints the table; whether the bars are met."""
    by: dict[tuple[str, str], list[Recovery]] = defaultdict(list)
    for one in found:
        by[one.phase, one.victim].append(one)
        by["all", one.victim].append(one)
    table = Table(title=f"From SIGKILL to the next activity completed, up to {rounds} kills a cell, seconds")
    table.add_column("phase")
    for victim in VICTIMS:
        for column in ("median", "worst", "begun again, most"):
            table.add_column(f"{victim}: {column}", justify="right")
    for phase in (*PHASE_NAMES, "all"):
        cells = []
        for victim in VICTIMS:
            these = by[phase, victim]
            seconds = [one.seconds for one in these]
            cells += [f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"] if seconds else ["", ""]
            cells.append(str(max((one.again for one in these), default="")))
        table.add_row(phase, *cells)
    console = Console(width=100)
    console.print(table)
    console.print(f"rows twice: {doubled} (bar: 0); bars for the worker: median 5 s, worst 15 s")
    memory, load = psutil.virtual_memory().total / 2**30, os.getloadavg()[0]
    console.print(f"{os.cpu_count()} cores, {memory:.0f} GiB, load {load:.0f}, {datetime.now(UTC):%Y-%m-%d}")
    worker = [one.seconds for one in by["all", VICTIMS[0]]]
    good = not worker or (statistics.median(worker) < MEDIAN_BAR and max(worker) <= WORST_BAR)
    return good and not doubled


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 11, 28))
    parser.add_argument("--source", default="simulated")
    parser.add_argument("--seasons", type=int, default=0, help="full seasons of history before this one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--victims", default=",".join(VICTIMS))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random.seed(given.seed)
    found, doubled = measured(given.date, given.source, given.seasons, given.rounds, given.victims.split(","))
    raise SystemExit(not show(found, doubled, given.rounds))


if __name__ == "__main__":
    main()
