"""SIGKILL at every phase boundary, inside every phase, and of the server: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from shared import messages, names
from shared.config import TASK_QUEUE
from shared.jobs import DaySummary, DaySummaryInput
from shared.messages import DailyPipelineInput
from shared.phases import PHASES, phase_of
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import RunningStack
from tests.workflows.world import assert_eventually

SEED = int(os.environ.get("TIPOFF_TEST_SEED") or random.SystemRandom().randrange(10_000))


async def start_day(client: Client) -> WorkflowHandle[object, messages.DayReport]:
    """Starts the day."""
    return await client.start_workflow(
        names.DAILY_PIPELINE, DailyPipelineInput(game_date=DAY), id=f"daily-{DAY}", task_queue=TASK_QUEUE,
        result_type=messages.DayReport,
    )  # fmt: skip


async def hashes(client: Client) -> dict[str, str]:
    """Every table's content hash."""
    summary: DaySummary = await client.execute_workflow(
        names.DAY_SUMMARY, DaySummaryInput(game_date=DAY, hashes=True), id=f"summary-{random.random()}",
        task_queue=TASK_QUEUE, result_type=DaySummary,
    )  # fmt: skip
    assert summary.games > 5
    return summary.table_hashes


async def processor_runs(handle: WorkflowHandle[object, object]) -> Counter[str]:
    """How often each activity type and processor of a workflow was completed, by its history."""
    done: Counter[str] = Counter()
    names: dict[int, str] = {}
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            names[event.event_id] = event.user_metadata.summary.data.decode().strip('"')
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done[names[event.activity_task_completed_event_attributes.scheduled_event_id]] += 1
    return done


async def _has_activity_under_way(client: Client, workflow_id: str) -> bool:
    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError:
        return False
    if description.status is not WorkflowExecutionStatus.RUNNING:
        return True
    return any(a.state == 2 for a in description.raw_description.pending_activities)


async def _is_over(client: Client, workflow_id: str) -> bool:
    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError:
        return False
    return description.status is not WorkflowExecutionStatus.RUNNING


async def _worker_back(stack: RunningStack, old: int) -> bool:
    return stack.pid("worker") not in (0, old) and stack.alive("worker")


@pytest.mark.timeout(900)
async def test_a_day_killed_at_every_boundary_and_inside_every_phase_ends_with_the_same_tables(
    new_stack: Callable[[str], RunningStack],
) -> None:
    print(f"seed {SEED}: set TIPOFF_TEST_SEED to repeat")
    draw = random.Random(SEED)
    undisturbed = new_stack("undisturbed")
    client = await connect(undisturbed)
    await (await start_day(client)).result()
    expected = await hashes(client)
    undisturbed.stop()

    stack = new_stack("killed")
    client = await connect(stack)
    handle = await start_day(client)
    server_dies_in = draw.choice(PHASES).name
    for phase in PHASES:
        child = f"daily-{DAY}/{phase.name}"
        for moment in ("inside", "boundary"):
            reached = _has_activity_under_way if moment == "inside" else _is_over
            await assert_eventually(partial(reached, client, child), timeout=120, interval=0.01)
            if moment == "inside":
                delay = timedelta(milliseconds=draw.uniform(0, 150))
                await assert_eventually(_elapsed(delay), timeout=5, interval=0.01)
            old = stack.pid("worker")
            stack.kill("worker")
            await assert_eventually(partial(_worker_back, stack, old), timeout=60)
        if phase.name == server_dies_in:
            stack.kill("Temporal server")
            await assert_eventually(lambda: _answers(client), timeout=60)
    report = await handle.result()
    assert report.status is messages.DayStatus.COMPLETED
    assert await hashes(client) == expected

    started = Counter[str]()
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
            started[event.start_child_workflow_execution_initiated_event_attributes.workflow_id] += 1
    assert started == {f"daily-{DAY}/{phase.name}": 1 for phase in PHASES}, "no phase is run again"
    for phase in PHASES:
        runs = await processor_runs(client.get_workflow_handle(f"daily-{DAY}/{phase.name}"))
        plain = {p.name: 1 for p in phase.processors if not p.chunked}
        assert {name: n for name, n in runs.items() if name in plain} == plain
    assert phase_of("prediction_chunk").name == "predictions"


def _elapsed(delay: timedelta) -> Callable[[], Awaitable[bool]]:
    until = time.monotonic() + delay.total_seconds()

    async def check() -> bool:
        return time.monotonic() >= until

    return check


async def _answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health(timeout=timedelta(seconds=2))
    except RPCError:
        return False
