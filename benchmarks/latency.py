"""How soon a worker answers, idle and with two days at once: `python -m benchmarks.latency`.

A paused day is asked over and over: a signal until what it asks for is claimed in the warehouse, an update
until its answer, the query `status`, and the console's pages. The load is two recorded dates at once, lived
again and again by the same worker. Prints the median and the 95th percentile of each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from benchmarks.day import prepared
from benchmarks.machine import described
from benchmarks.stacks import running
from shared import names
from shared.config import TASK_QUEUE
from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput, DayReport

ROUNDS = 40
AT_ONCE = 2
SETTLED = 3.0
"""Seconds after which the load is under way."""
SIGNAL, UPDATE, QUERY = "signal to action", "update to answer", "query"


@dataclass
class Samples:
    """Seconds, by what was asked, in the order of asking."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, datetime] = field(default_factory=dict)
    """When each signal was sent, by its request id."""

    def add(self, what: str, seconds: float) -> None:
        """One more."""
        self.seconds.setdefault(what, []).append(seconds)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    return sorted(values)[max(0, -(-int(len(values) * share * 100) // 100) - 1)]


class Asker:
    """Asks a paused day and the console."""

    def __init__(self, handle: WorkflowHandle[object, object], pages: dict[str, str]) -> None:
        self._handle, self._pages, self._numbers = handle, pages, count()

    async def ask(self, rounds: int) -> Samples:
        """Everything, so often, one after another."""
        samples = Samples()
        async with httpx.AsyncClient(timeout=60) as http:
            for _ in range(rounds):
                request = self._pause()
                samples.sent[request["request_id"]] = datetime.now(UTC)
                await self._handle.signal("pause", request)
                await self._timed(
                    samples, UPDATE, lambda: self._handle.execute_update("pause", self._pause())
                )
                await self._timed(samples, QUERY, lambda: self._handle.query("status"))
                for name, url in self._pages.items():
                    await self._timed(samples, name, lambda url=url: self._page(http, url))
        for seconds in await self._acted(samples.sent):
            samples.add(SIGNAL, seconds)
        return samples

    def _pause(self) -> dict[str, str]:
        return {
            "request_id": f"latency-{next(self._numbers)}", "reason": "measured", "requested_by": "benchmark",
        }  # fmt: skip

    @staticmethod
    async def _page(http: httpx.AsyncClient, url: str) -> None:
        (await http.get(url)).raise_for_status()

    @staticmethod
    async def _timed(samples: Samples, what: str, call: Callable[[], Awaitable[object]]) -> None:
        began = time.monotonic()
        await call()
        samples.add(what, time.monotonic() - began)

    async def _acted(self, sent: dict[str, datetime]) -> list[float]:
        """From sending each signal until its claim was in the warehouse, by the history."""
        asked: dict[int, str] = {}
        done: dict[str, float] = {}
        async for event in self._handle.fetch_history_events(wait_new_event=True):
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                scheduled = event.activity_task_scheduled_event_attributes
                if scheduled.activity_type.name == names.CLAIM_REQUEST:
                    asked[event.event_id] = json.loads(scheduled.input.payloads[0].data)["request_id"]
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                of = event.activity_task_completed_event_attributes.scheduled_event_id
                if (request := asked.get(of)) in sent:
                    at = event.event_time.ToDatetime(tzinfo=UTC)
                    done[request] = (at - sent[request]).total_seconds()
            if len(done) == len(sent):
                break
        return [done[request] for request in sent]


async def live(client: Client, day: date) -> None:
    """One date, to its end."""
    await client.execute_workflow(
        names.DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
        task_queue=TASK_QUEUE, result_type=DayReport,
    )  # fmt: skip


async def live_on(client: Client, dates: list[date], lived: list[date]) -> None:
    """These dates over and over, until cancelled; adds each that has ended."""
    for day in cycle(dates):
        await live(client, day)
        lived.append(day)


async def measure(home: Path, day: date, rounds: int) -> tuple[Samples, Samples]:
    """Idle, then busy."""
    async with running(home, "recorded") as (info, client):
        others = [day + timedelta(days=n) for n in (-1, 1, 2, 3)]
        await live(client, others[0])
        handle = await client.start_workflow(
            names.DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
            task_queue=TASK_QUEUE, start_signal="pause",
            start_signal_args=[{"request_id": "first", "reason": "measured"}],
        )  # fmt: skip
        console = info.console_url
        pages = {
            "page: days": f"{console}/",
            "page: a day": f"{console}/days/{others[0]}",
            "page: predictions": f"{console}/predictions?date={others[0]}",
            "page: truth": f"{console}/truth",
            "page: health": f"{console}/health",
        }
        asker = Asker(handle, pages)
        await asker.ask(1)
        idle = await asker.ask(rounds)
        # Each of those at once has dates of its own: a date's id is its lock.
        lived: list[date] = []
        load = [asyncio.create_task(live_on(client, others[n::AT_ONCE], lived)) for n in range(AT_ONCE)]
        try:
            await asyncio.sleep(SETTLED)
            busy = await asker.ask(rounds)
        finally:
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)
            for one in (day, *others):
                with suppress(RPCError):
                    await client.get_workflow_handle(daily_workflow_id(one)).terminate("measured")
    if not lived:
        raise SystemExit("no day came to its end meanwhile: the worker was not busy")
    return idle, busy


def show(idle: Samples, busy: Samples, console: Console) -> None:
    """The table."""
    rounds = len(idle.sent)
    table = Table(title=f"Milliseconds, {rounds} of each; busy: {AT_ONCE} days at once on the same worker")
    for column in ("", "idle p50", "p95", "busy p50", "p95"):
        table.add_column(column, justify="right" if column else "left")
    for what in sorted(idle.seconds, key=lambda name: (name.startswith("page"), name)):
        cells = [
            f"{1e3 * percentile(samples.seconds[what], share):.0f}"
            for samples in (idle, busy)
            for share in (0.5, 0.95)
        ]
        table.add_row(what, *cells)
    console.print(table)
    console.print(described())


def measured(base: Path, day: date, rounds: int) -> tuple[Samples, Samples]:
    """On a copy of a home with history."""
    with tempfile.TemporaryDirectory(prefix="tipoff-latency-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        shutil.copytree(base, home)
        return asyncio.run(measure(home, day, rounds))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 11, 12))
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--base", type=Path, help="keep the home with history here, or take it from here")
    arguments = parser.parse_args()
    os.environ["TIPOFF_SOURCE"] = "recorded"
    with tempfile.TemporaryDirectory(prefix="tipoff-latency-") as folder:
        base = prepared(
            arguments.base or Path(folder) / "base", "recorded", arguments.date, arguments.seasons
        )
        idle, busy = measured(base, arguments.date, arguments.rounds)
    show(idle, busy, Console(width=100))


if __name__ == "__main__":
    main()
