"""Three simulated days run by a real worker, once; every test of a validator begins with a copy of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from activities.surroundings import Surroundings
from shared import jobs, names
from shared.config import Source, load_settings
from shared.messages import DailyPipelineInput, DayReport, DayStatus
from warehouse.connect import connect
from warehouse.writer import Writer
from worker.wiring import new_worker

DAYS = tuple(date(2025, 11, 28) + timedelta(days=n) for n in range(3))
"""The games of the last come in with a day that was not run."""


def queue_of(source: Source) -> str:
    """The task queue of a source's days: a worker of a copy answers for them there."""
    return f"lived-{source}"


@contextmanager
def surroundings(
    home: Path, replay_url: str | None, queue: str | None = None, source: Source = "simulated"
) -> Iterator[Surroundings]:
    """A worker's surroundings over a home, on a task queue of their own unless it is named."""
    settings = load_settings(
        {}, home=home, source=source, replay_url=replay_url,
        task_queue=queue or f"lived-{uuid4().hex[:8]}", temporal_ui="http://127.0.0.1:8233",
    )  # fmt: skip
    warehouse = connect("duckdb", home=home)
    try:
        warehouse.ensure_tables()
        yield Surroundings(settings, warehouse, Writer(warehouse))
    finally:
        warehouse.close()


async def live(
    client: Client, home: Path, replay_url: str, days: Sequence[date] = DAYS, source: Source = "simulated"
) -> None:
    """Loads the history, trains a model, and runs the days one after another through the real workflows."""
    first = days[0]
    as_of = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    with (
        surroundings(home, replay_url, queue_of(source), source) as around,
        ThreadPoolExecutor(around.settings.worker_threads) as threads,
    ):
        async with new_worker(client, around, threads):
            queue = around.settings.task_queue
            history = jobs.LoadHistoryInput(until=first - timedelta(days=1), seasons=0, as_of=as_of)
            training = jobs.TrainInput(trained_through=first - timedelta(days=2), as_champion=True)
            for workflow, request in ((names.LOAD_HISTORY, history), (names.TRAIN_MODEL, training)):
                await client.execute_workflow(
                    workflow, request, id=f"{workflow}-{uuid4().hex}", task_queue=queue
                )
            for day in days:
                # A date's own id is its lock, also between the tests of a session: it has ended here.
                report = await client.execute_workflow(
                    names.DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=f"daily-{day}",
                    task_queue=queue, result_type=DayReport,
                )  # fmt: skip
                assert report.status is DayStatus.COMPLETED, report


def copied(home: Path, to: Path) -> Path:
    """A home of one's own; what it was parsed from stays behind."""
    shutil.copytree(home, to, ignore=shutil.ignore_patterns("objects", "*.lock"))
    return to
