"""Backfills on a real server with scripted activities: order, holding, parking, messages, priority."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from shared import names
from shared.backfill import PRIORITY, BackfillInput, BackfillProgress, BackfillSummary
from shared.day_before import NEEDED_BY_DAY_AFTER, needs_of_day_before
from shared.errors import deepest
from shared.messages import DailyPipelineInput, DayReport, ProcessorRequest
from shared.phases import PHASES, PROCESSOR_NAMES, phase_of
from tests.workflows.world import Day, World, assert_eventually, fresh_days, running_worker

Handle = WorkflowHandle[Any, BackfillSummary]


async def start(day: Day, dates: list[date], **fields: Any) -> Handle:
    """Starts a backfill."""
    return await day.client.start_workflow(
        names.BACKFILL, BackfillInput(start=dates[0], end=dates[-1], **fields),
        id=f"backfill-{uuid4().hex[:12]}", task_queue=day.task_queue, result_type=BackfillSummary,
    )  # fmt: skip


async def progress(handle: Handle) -> BackfillProgress:
    """The answer of its query."""
    return await handle.query("progress", result_type=BackfillProgress)


def blocks(world: World, processor: str, day: date) -> tuple[asyncio.Event, asyncio.Event]:
    """Makes a processor of one date wait. Returns (it has begun, it may go on)."""
    begun, go_on = world.blocks(processor)
    waiting = world.behaviours[processor]

    async def behaviour(request: ProcessorRequest) -> None:
        if request.game_date == day:
            await waiting(request)

    world.behaviours[processor] = behaviour
    return begun, go_on


def began(world: World, day: date, phase: str) -> Callable[[], Awaitable[bool]]:
    """Whether a phase of a date has begun."""

    async def check() -> bool:
        return any(d == day and phase_of(p).name == phase for d, p in world.began)

    return check


async def test_every_date_is_run_whole_and_each_phase_after_what_it_needs_of_the_day_before(
    client: Client,
) -> None:
    world, dates = World(), fresh_days(5)
    async with running_worker(client, world) as day:
        summary = await (await start(day, dates, max_parallel=3)).result()
    assert (summary.status, summary.completed, summary.failed) == ("completed", 5, 0)
    assert summary.games == 5 * world.games
    assert all(world.runs[name] == 5 * (3 if name == "prediction_chunk" else 1) for name in PROCESSOR_NAMES)
    for before, after in pairwise(dates):
        for phase in PHASES:
            first = next(i for i, (d, p) in enumerate(world.began) if d == after and phase_of(p) == phase)
            late = [p for d, p in world.began[first:] if d == before]
            assert not {phase_of(p).name for p in late} & needs_of_day_before(phase.name)


async def test_dates_that_no_model_can_serve_are_told_of_in_the_plan_and_none_is_begun(
    client: Client,
) -> None:
    world, dates = World(), fresh_days(2)
    world.refusal = "2 dates would all park: run `tipoff models train`"
    async with running_worker(client, world) as day:
        planned = await (await start(day, dates, dry_run=True)).result()
        handle = await start(day, dates)
        with pytest.raises(WorkflowFailureError) as refused:
            await handle.result()
    assert planned.plan is not None
    assert planned.plan.refusal == world.refusal
    assert deepest(refused.value) == f"BadRequest: {world.refusal}"
    assert (world.began, world.backfills) == ([], [])


async def test_a_day_begins_while_the_day_before_works_on_what_it_does_not_need(client: Client) -> None:
    world, dates = World(), fresh_days(3)
    async with running_worker(client, world) as day:
        begun, go_on = blocks(world, "ml_feature_store_v2", dates[0])
        handle = await start(day, dates)
        await begun.wait()
        await assert_eventually(began(world, dates[1], "analytics"))
        report: DayReport = await client.get_workflow_handle(f"daily-{dates[1]}").query(
            "status", result_type=DayReport
        )

        async def held() -> bool:
            nonlocal report
            report = await client.get_workflow_handle(f"daily-{dates[1]}").query(
                "status", result_type=DayReport
            )
            return report.message == "waits for the day before"

        await assert_eventually(held)
        assert not await began(world, dates[1], "precompute")()
        assert not await began(world, dates[2], "scrape")(), "two at once, and two are under way"
        go_on.set()
        assert (await handle.result()).completed == 3


def written(world: World, day: date) -> list[list[tuple[str, str]]]:
    """The phases of a date and their states, for each write of its status rows."""
    return [
        [(t.phase, str(t.state)) for t in batch.transitions if not t.processor]
        for batch in world.recorded
        if batch.transitions[0].game_date == day
    ]


async def test_a_backfilled_days_status_is_written_as_it_begins_before_what_reads_it_and_at_its_end(
    client: Client,
) -> None:
    world, dates = World(), fresh_days(2)
    async with running_worker(client, world) as day:
        assert (await (await start(day, dates)).result()).completed == 2
    whole = [(phase.name, state) for phase in PHASES for state in ("running", "completed")]
    [reads_it] = [phase.name for phase in PHASES if phase.reads_status]
    before = whole.index((reads_it, "running")) + 1
    for one in dates:
        assert written(world, one) == [whole[:1], whole[1:before], whole[before:]]


async def test_a_long_phase_and_a_long_wait_of_a_backfilled_day_are_written_within_half_a_minute(
    client: Client,
) -> None:
    world, dates = World(), fresh_days(2)
    async with running_worker(client, world) as day:
        begun, go_on = blocks(world, "ml_feature_store_v2", dates[0])
        handle = await start(day, dates)
        await begun.wait()

        async def both_written() -> bool:
            lasts = [states[-1] for one in dates for states in written(world, one)[-1:]]
            return lasts == [("precompute", "running"), ("analytics", "completed")]

        await assert_eventually(both_written, timeout=40)
        go_on.set()
        assert (await handle.result()).completed == 2


async def test_a_day_parked_in_a_phase_that_no_later_day_needs_holds_none(client: Client) -> None:
    assert "publishing" not in NEEDED_BY_DAY_AFTER
    world, dates = World(), fresh_days(4)
    async with running_worker(client, world) as day:

        async def behaviour(request: ProcessorRequest) -> None:
            if request.game_date == dates[0] and world.runs["published_documents"] == 1:
                raise ApplicationError("the disk is full", type="SchemaViolation", non_retryable=True)

        world.behaviours["published_documents"] = behaviour
        handle = await start(day, dates, max_parallel=1)

        async def others_done() -> bool:
            return (await progress(handle)).done == 3

        await assert_eventually(others_done)
        told = await progress(handle)
        assert told.running == (f"{dates[0]} waiting",)
        await client.get_workflow_handle(f"daily-{dates[0]}").signal("retrigger", day.retrigger("publishing"))
        assert (await handle.result()).completed == 4


async def test_a_day_that_fails_is_named_in_the_summary_and_the_next_ones_are_run(client: Client) -> None:
    world, dates = World(), fresh_days(3)
    async with running_worker(client, world) as day:
        begun, _ = blocks(world, "raw_schedule", dates[0])
        handle = await start(day, dates)
        await begun.wait()
        await client.get_workflow_handle(f"daily-{dates[0]}").execute_update("abort", day.request())
        summary = await handle.result()
    assert (summary.status, summary.completed, summary.failed) == ("failed", 2, 1)
    assert summary.failures[0].startswith(f"{dates[0]}: DayAborted")
    assert [s.status for s in world.backfills] == ["running", "failed"]


async def test_it_continues_as_new_after_so_many_dates_and_counts_them_all(client: Client) -> None:
    world, dates = World(), fresh_days(5)
    async with running_worker(client, world) as day:
        handle = await start(day, dates, dates_per_run=2)
        summary = await handle.result()
        first = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        events = [e.event_type async for e in first.fetch_history_events()]
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW in events
    assert (summary.dates, summary.completed) == (5, 5)
    assert summary.backfill_id == world.backfills[0].backfill_id
    assert world.runs["raw_schedule"] == 5
    assert world.runs[str(date(2100, 1, 1))] == 1, "history is brought in once"


async def test_paused_it_starts_no_further_day_and_stopped_it_ends_with_what_is_done(client: Client) -> None:
    world, dates = World(), fresh_days(4)
    async with running_worker(client, world) as day:
        begun, go_on = blocks(world, "raw_schedule", dates[0])
        handle = await start(day, dates, max_parallel=1)
        await begun.wait()
        await handle.signal("pause")
        go_on.set()

        async def paused_after_one() -> bool:
            told = await progress(handle)
            return (told.state, told.done, told.running) == ("paused", 1, ())

        await assert_eventually(paused_after_one)
        begun, go_on = blocks(world, "raw_schedule", dates[1])
        await handle.signal("resume")
        await begun.wait()
        await handle.signal("stop")
        go_on.set()
        summary = await handle.result()
    assert (summary.status, summary.completed) == ("stopped", 2)


async def test_a_day_that_runs_already_is_joined_and_not_run_twice(client: Client) -> None:
    world, dates = World(), fresh_days(2)
    async with running_worker(client, world) as day:
        begun, go_on = blocks(world, "raw_schedule", dates[0])
        await client.start_workflow(
            names.DAILY_PIPELINE, DailyPipelineInput(game_date=dates[0]), id=f"daily-{dates[0]}",
            task_queue=day.task_queue,
        )  # fmt: skip
        await begun.wait()
        handle = await start(day, dates)
        await asyncio.wait_for(_watched(client, dates[0]), 20)
        assert not await began(world, dates[1], "scrape")(), "it needs the other day's raw rows"
        go_on.set()
        summary = await handle.result()
    assert (summary.status, summary.completed, summary.games) == ("completed", 2, 2 * world.games)
    assert world.runs["raw_schedule"] == 2


async def _watched(client: Client, day: date) -> None:
    async for event in client.get_workflow_handle(f"daily-{day}").fetch_history_events(wait_new_event=True):
        signalled = event.workflow_execution_signaled_event_attributes
        if signalled.signal_name == "watch":
            return


async def test_a_stale_day_is_reopened_for_the_phases_named_and_what_depends_on_them(client: Client) -> None:
    world, dates = World(), fresh_days(2)
    world.retriggers = {dates[0]: ("precompute",), dates[1]: ("precompute", "grading")}
    world.completed = tuple(phase.name for phase in PHASES)
    async with running_worker(client, world) as day:
        summary = await (await start(day, dates)).result()
    assert summary.completed == 2
    ran = {d: {phase_of(p).name for when, p in world.began if when == d} for d in dates}
    assert ran == {
        dates[0]: {"precompute", "predictions", "publishing"},
        dates[1]: {"precompute", "predictions", "publishing", "grading"},
    }
    first = next(i for i, (d, p) in enumerate(world.began) if d == dates[1] and p == "prediction_results")
    last = max(i for i, (d, p) in enumerate(world.began) if d == dates[0] and p == "withheld_players")
    assert first > last, "what it grades is made again first"


async def test_a_dry_run_plans_and_starts_nothing(client: Client) -> None:
    world, dates = World(), fresh_days(3)
    async with running_worker(client, world) as day:
        summary = await (await start(day, dates, dry_run=True)).result()
    assert summary.status == "planned"
    assert summary.plan
    assert [p.game_date for p in summary.plan.days] == dates
    assert world.began == []
    assert world.backfills == []


async def test_a_backfilled_day_and_its_phases_have_a_lower_priority_than_a_live_days(client: Client) -> None:
    world, dates = World(), fresh_days(1)
    async with running_worker(client, world) as day:
        await (await start(day, dates)).result()
        live = await day.start()
        await live.result()
    # An activity's own is unset: it takes its workflow's.
    assert await _priority(client, f"daily-{dates[0]}") == PRIORITY
    assert await _priority(client, f"daily-{dates[0]}/raw") == PRIORITY
    assert await _priority(client, f"{live.id}/raw") == 0, "unset: the default, 3, which goes first"


async def _priority(client: Client, workflow_id: str) -> int:
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(workflow_id)
    async for event in handle.fetch_history_events():
        return event.workflow_execution_started_event_attributes.priority.priority_key
    raise AssertionError(workflow_id)


async def test_time_spent_waiting_for_the_day_before_is_not_lived_by_a_day(client: Client) -> None:
    world, dates = World(), fresh_days(2)
    seen: dict[str, ProcessorRequest] = {}

    async def remember(request: ProcessorRequest) -> None:
        if request.game_date == dates[1]:
            seen[request.processor] = request

    async with running_worker(client, world) as day:
        begun, go_on = blocks(world, "ml_feature_store_v2", dates[0])
        for name in ("player_game_summary", "player_daily_cache"):
            world.behaviours[name] = remember
        handle = await start(day, dates)
        await begun.wait()
        second = client.get_workflow_handle(f"daily-{dates[1]}")

        async def held() -> bool:
            report: DayReport = await second.query("status", result_type=DayReport)
            return report.message == "waits for the day before"

        await assert_eventually(began(world, dates[1], "analytics"))
        await assert_eventually(held)
        await asyncio.sleep(1)
        go_on.set()
        await handle.result()
    lived = seen["player_daily_cache"].started_at - seen["player_game_summary"].started_at
    assert lived.total_seconds() >= 1
