"""Intraday refreshes on a real server with scripted activities: what is run again, and what never parks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import uuid4

from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from shared import names
from shared.messages import DayReport, DayStatus, PhaseState, ProcessorRequest
from shared.phases import PHASE_NAMES, phase_of
from shared.refresh import REFRESHED_PHASES, REFRESHED_PROCESSORS, RefreshInput, RefreshResult
from tests.workflows.scenarios import NOON
from tests.workflows.world import Day, World, assert_eventually, running_worker, status_of


async def refresh(day: Day, as_of: datetime = NOON) -> RefreshResult:
    """What the schedule starts, as of noon."""
    result: RefreshResult = await day.client.execute_workflow(
        names.REFRESH_DAY, RefreshInput(game_date=day.date, as_of=as_of), id=f"refresh-{uuid4().hex}",
        task_queue=day.task_queue, result_type=RefreshResult,
    )  # fmt: skip
    return result


async def completed(day: Day) -> None:
    """The day's run of the morning."""
    await (await day.start()).result()
    day.world.completed = PHASE_NAMES
    day.world.runs = Counter()


async def refreshed(day: Day) -> DayReport:
    """The report of the run that refreshed the day."""
    report: DayReport = await day.client.get_workflow_handle(
        f"daily-{day.date}", result_type=DayReport
    ).result()
    return report


async def test_a_completed_day_fetches_lines_and_injuries_again_and_makes_what_follows_from_them(
    client: Client,
) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        result = await refresh(day)
        report = await refreshed(day)
    assert (result.asked, result.reason) == (True, "3 of 11 games have not begun")
    assert report.status is DayStatus.COMPLETED
    assert {p for p in world.runs if phase_of(p).name == "scrape"} == {
        *REFRESHED_PROCESSORS,
        "scrape_quality",
    }
    assert {phase_of(p).name for p in world.runs} == set(REFRESHED_PHASES)
    assert "grading" not in REFRESHED_PHASES
    assert all(n == 1 for p, n in world.runs.items() if p != "prediction_chunk")
    assert world.alerts == []


async def test_a_day_that_is_not_completed_yet_refuses_a_refresh_and_is_not_disturbed(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        begun, go_on = world.blocks("daily_brief")
        handle = await day.start()
        await begun.wait()
        assert (await refresh(day)).asked

        async def refused() -> bool:
            return bool((await status_of(handle)).rejected)

        await assert_eventually(refused)
        assert "refresh: not completed yet: publishing" in (await status_of(handle)).rejected[0]
        go_on.set()
        report = await handle.result()
    assert report.status is DayStatus.COMPLETED
    assert world.runs["scrape_prop_lines"] == 1, "the run of the morning is not disturbed"


async def test_a_refresh_asked_for_twice_is_made_once(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        await refresh(day)
        await refreshed(day)
        await refresh(day)
        report = await refreshed(day)
    assert world.runs["scrape_prop_lines"] == 1
    assert "was acted on by an earlier run" in report.rejected[0]


async def test_without_games_to_come_the_day_is_left_alone(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        world.not_due = "all 11 games have begun"
        result = await refresh(day)
    assert (result.asked, result.reason) == (False, "all 11 games have begun")
    assert world.runs == Counter()


async def test_a_refresh_without_lines_goes_on_with_the_injuries_and_says_so(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        world.fails("scrape_prop_lines", "UpstreamUnavailable")
        await refresh(day)
        report = await refreshed(day)
    assert report.status is DayStatus.COMPLETED
    assert world.runs["player_prop_predictions"] == world.runs["published_documents"] == 1
    (alert,) = world.alerts
    assert (alert.severity, alert.command) == ("warning", "tipoff schedule trigger refresh")
    assert alert.title == f"{day.date}: refreshed without scrape_prop_lines"


async def test_a_refresh_that_breaks_leaves_what_stood_and_the_day_completed(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        world.fails("ml_feature_store_v2")
        await refresh(day)
        report = await refreshed(day)
    assert report.status is DayStatus.COMPLETED
    assert {phase.state for phase in report.phases} == {PhaseState.COMPLETED}
    assert not world.runs["player_prop_predictions"]
    assert [a.title for a in world.alerts] == [f"{day.date}: refreshed without ml_feature_store_v2"]


async def test_a_day_of_which_a_phase_was_skipped_is_refreshed_again_with_that_phase(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        world.fails("prediction_results")
        handle = await day.start()

        async def waits() -> bool:
            return (await status_of(handle)).status is DayStatus.WAITING

        await assert_eventually(waits)
        begun, go_on = world.blocks("raw_schedule")
        await refresh(day)
        await begun.wait()
        await handle.execute_update("skip", day.request(phase="publishing"))
        go_on.set()
        await assert_eventually(waits)
        assert world.runs["published_documents"] == 1, "the morning's: skipped during the first refresh"
        await refresh(day, NOON + timedelta(hours=1))

        async def published() -> bool:
            phases = {p.name: p.state for p in (await status_of(handle)).phases}
            return world.runs["player_prop_predictions"] == 3 and phases["publishing"] is PhaseState.COMPLETED

        await assert_eventually(published, timeout=60)
        report = await status_of(handle)
        await handle.execute_update("abort", day.request())
    assert report.rejected == (), "the first one was over"
    assert world.runs["published_documents"] == 2


async def test_a_phase_that_an_operator_asks_for_during_a_refresh_parks_as_ever(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await completed(day)
        begun, go_on = world.blocks("raw_schedule")
        waiting = world.behaviours["raw_schedule"]

        async def waits_then_fails(request: ProcessorRequest) -> None:
            await waiting(request)
            if world.runs["raw_schedule"] > 1:
                raise ApplicationError("broken", type="SchemaViolation", non_retryable=True)

        world.behaviours["raw_schedule"] = waits_then_fails
        await refresh(day)
        await begun.wait()
        handle = client.get_workflow_handle(f"daily-{day.date}", result_type=DayReport)
        await handle.execute_update("retrigger", day.retrigger("raw"))
        go_on.set()

        async def waits() -> bool:
            return (await status_of(handle)).status is DayStatus.WAITING

        await assert_eventually(waits)
        await handle.execute_update("abort", day.request())
