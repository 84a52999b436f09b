"""A phase that waits is tried again by itself: what failed of it, not what is done; the end is the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from shared.messages import DayReport, DayStatus, PhaseState, ProcessorRequest
from shared.phases import PHASE_NAMES, PHASES, phase_named
from tests.workflows.world import World, running_worker
from workflows.deadline import until_tried_again

MOST_EVENTS = 2_000


def all_done(report: DayReport) -> bool:
    """Whether every processor of every phase is told as completed, with its rows."""
    told = {p.name: [s.name for s in p.processors if s.state is PhaseState.COMPLETED] for p in report.phases}
    return {name: sorted(done) for name, done in told.items()} == {
        phase.name: sorted(p.name for p in phase.processors) for phase in PHASES
    }


def recorded(world: World, phase: str) -> dict[str, tuple[PhaseState, int]]:
    """The state and the rows of a phase, named "", and its processors: what the table has in the end."""
    return {t.processor: (t.state, t.rows) for t in world.transitions if t.phase == phase}


async def test_an_attempt_by_itself_runs_what_failed_what_waited_for_that_and_the_gate(
    client: Client,
) -> None:
    world = World()
    world.fails("raw_prop_lines", times=2)
    async with running_worker(client, world, hurried=True) as day:
        report = await (await day.start()).result()
    runs = {p.name: world.runs[p.name] for p in phase_named("raw").processors}
    assert runs == {**dict.fromkeys(runs, 1), "raw_prop_lines": 3}
    assert report.status is DayStatus.COMPLETED
    assert all_done(report)
    table = recorded(world, "raw")
    assert table.pop("") == (PhaseState.COMPLETED, 7 * len(runs)), "done ones count as done before"
    assert table == dict.fromkeys(runs, (PhaseState.COMPLETED, 7))


async def test_an_optional_processor_that_failed_beside_it_is_tried_again_too(client: Client) -> None:
    world = World()
    world.fails("raw_injuries", times=1)
    world.fails("raw_schedule", times=1)
    async with running_worker(client, world, hurried=True) as day:
        report = await (await day.start()).result()
    assert (world.runs["raw_injuries"], world.runs["raw_schedule"], world.runs["raw_players"]) == (2, 2, 1)
    assert all_done(report)


async def test_what_a_gate_refused_is_made_again_before_it_judges_again(client: Client) -> None:
    world = World()
    world.fails("feature_store_quality", "QualityGateFailed", times=1)
    async with running_worker(client, world, hurried=True) as day:
        report = await (await day.start()).result()
    assert world.runs["ml_feature_store_v2"] == world.runs["feature_store_quality"] == 2
    assert world.runs["player_daily_cache"] == world.runs["player_similar_games"] == 1
    assert all_done(report)


async def test_a_chunk_that_failed_goes_first_and_the_others_follow_once_it_is_done(client: Client) -> None:
    world, staged = World(), []
    world.fails_in_chunk("prediction_chunk", 2, times=2)

    async def consolidates(request: ProcessorRequest) -> None:
        staged.append(sorted(request.staged))

    world.behaviours["player_prop_predictions"] = consolidates
    async with running_worker(client, world, hurried=True) as day:
        report = await (await day.start()).result()
    assert world.runs["prediction_chunk"] == 3 + 1 + 3
    assert staged == [["s0", "s1", "s2"]]
    assert all_done(report)


async def test_what_an_operator_left_out_of_a_phase_stays_left_out_of_its_next_attempts(
    client: Client,
) -> None:
    world = World()
    async with running_worker(client, world, hurried=True) as day:
        await (await day.start()).result()
        world.completed = PHASE_NAMES
        world.runs.clear()
        world.fails("raw_prop_lines", times=1)
        handle = await day.start_again("raw", processors=["raw_prop_lines"])
        await handle.result()
    ran = {
        name: n for name, n in world.runs.items() if name in {p.name for p in phase_named("raw").processors}
    }
    assert ran == {"raw_prop_lines": 2, "raw_quality": 1}


async def test_a_day_learns_its_games_from_a_schedule_that_an_earlier_attempt_fetched(client: Client) -> None:
    world = World()
    world.facts["scrape_schedule"] = {"games": 4}
    world.fails("scrape_rosters", times=1)
    async with running_worker(client, world, hurried=True) as day:
        report = await (await day.start()).result()
    assert (report.games, world.runs["scrape_schedule"]) == (4, 1)


async def events_of(client: Client, day: WorkflowHandle[Any, Any], attempts: int) -> int:
    """The events of a day's histories, all its workflows together."""
    runs = [f"{day.id}/{phase.name}" for phase in PHASES]
    again = [f"{run}/r{n + 2}" for run in runs for n in range(attempts)]
    events = 0
    for workflow_id in [day.id, *runs, *again]:
        try:
            events += len((await client.get_workflow_handle(workflow_id).fetch_history()).events)
        except RPCError:
            assert workflow_id in again
    return events


@pytest.mark.parametrize("processor", ["raw_prop_lines", "prediction_chunk"])
async def test_a_processor_that_fails_for_fourteen_hours_stays_under_2_000_events_and_its_day_ends_true(
    client: Client, processor: str
) -> None:
    attempts, waited = 0, timedelta()
    while waited < timedelta(hours=14):
        attempts += 1
        waited += until_tried_again(attempts)
    world = World()
    world.chunks = 7
    if processor == "prediction_chunk":
        world.fails_in_chunk(processor, 5, times=attempts)
    else:
        world.fails(processor, times=attempts)
    async with running_worker(client, world, hurried=True) as day:
        handle = await day.start()
        report = await handle.result()
        events = await events_of(client, handle, attempts)
    assert len(world.alerts) == attempts > 30
    assert report.status is DayStatus.COMPLETED
    assert all_done(report)
    assert 30 * attempts < events < MOST_EVENTS
