"""The workflow that loads past lines, on a real server with scripted activities."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from temporalio.client import Client

from shared.jobs import LinesProgress, LoadLinesInput
from shared.names import LOAD_LINES
from tests.workflows.world import Day, World, running_worker

REQUEST = LoadLinesInput(start=date(2100, 1, 1), end=date(2100, 2, 2), as_of=datetime(2100, 4, 1, tzinfo=UTC))


async def loaded(day: Day) -> LinesProgress:
    result: LinesProgress = await day.client.execute_workflow(
        LOAD_LINES, REQUEST, id=f"lines-{uuid4().hex}", task_queue=day.task_queue, result_type=LinesProgress
    )
    return result


async def test_every_month_is_loaded_and_counted(client: Client) -> None:
    async with running_worker(client, World()) as day:
        progress = await loaded(day)
    assert (progress.done, progress.total, progress.dates, progress.rows) == (2, 2, 4, 80)


async def test_a_key_without_past_lines_ends_it_with_the_reason_and_fails_nothing(client: Client) -> None:
    world = World()
    world.refusals["load_line_chunk"] = "HISTORICAL_UNAVAILABLE_ON_FREE_USAGE_PLAN"
    async with running_worker(client, world) as day:
        progress = await loaded(day)
    assert (progress.done, progress.rows) == (0, 0)
    assert "HISTORICAL_UNAVAILABLE" in progress.unavailable
    assert world.runs["load_line_chunk"] == 1
