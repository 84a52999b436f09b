"""What a day promises, on a real server with scripted processors."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from shared import messages, names
from shared.messages import Answer, DayReport, DayStatus, PhaseState, Retrigger
from shared.phases import PHASE_NAMES, PHASES, PROCESSOR_NAMES
from tests.workflows.world import World, assert_eventually, running_worker, status_of
from workflows.deadline import until_tried_again


async def _is(handle: WorkflowHandle[Any, Any], status: DayStatus) -> bool:
    return (await status_of(handle)).status is status


async def _cause(handle: WorkflowHandle[Any, Any]) -> ApplicationError:
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    return failure.value.cause


async def _told(world: World, phase: str, state: PhaseState) -> bool:
    return any((t.phase, t.state) == (phase, state) for t in world.transitions if not t.processor)


async def _ran(world: World, processor: str) -> bool:
    return world.runs[processor] > 0


async def test_a_day_runs_every_processor_once_and_completes(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        report = await (await day.start()).result()
    assert report.status is DayStatus.COMPLETED
    assert [p.state for p in report.phases] == [PhaseState.COMPLETED] * 7
    assert world.runs == {name: 3 if name == "prediction_chunk" else 1 for name in PROCESSOR_NAMES}


async def test_each_transition_is_recorded_once(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await (await day.start()).result()
    phases = [(t.phase, t.state) for t in world.transitions if not t.processor]
    assert phases == [
        (name, state) for name in PHASE_NAMES for state in (PhaseState.RUNNING, PhaseState.COMPLETED)
    ]
    processors = [t.processor for t in world.transitions if t.processor]
    assert sorted(processors) == sorted(PROCESSOR_NAMES)


async def test_a_phase_runs_while_the_warehouse_is_told_of_it_and_the_next_waits(client: Client) -> None:
    world = World()
    world.may_record.clear()
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _ran(world, "scrape_quality"))
        assert (world.transitions, world.runs["raw_schedule"]) == ([], 0)
        world.may_record.set()
        assert (await handle.result()).status is DayStatus.COMPLETED


async def test_a_phase_that_reads_how_far_the_day_is_waits_until_that_is_recorded(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("prediction_results")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        await assert_eventually(lambda: _told(world, "grading", PhaseState.RUNNING))
        world.may_record.clear()
        go_on.set()
        await assert_eventually(lambda: _ran(world, "grading_quality"))
        assert not world.runs["published_documents"]
        world.may_record.set()
        assert (await handle.result()).status is DayStatus.COMPLETED
    assert [phase.name for phase in PHASES if phase.reads_status] == ["publishing"]


async def test_a_day_survives_without_any_workflow_cache(client: Client) -> None:
    world = World()
    async with running_worker(client, world, max_cached_workflows=0) as day:
        report = await (await day.start()).result()
    assert report.status is DayStatus.COMPLETED


async def test_a_bad_date_fails_at_once(client: Client) -> None:
    async with running_worker(client, World()) as day:
        handle = await client.start_workflow(
            names.DAILY_PIPELINE, {"game_date": "2025-13-45"}, id=f"daily-bad-{day.date}",
            task_queue=day.task_queue, run_timeout=timedelta(seconds=20),
        )  # fmt: skip
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert "game_date" in str(failure.value.cause)


async def test_an_id_that_is_not_the_dates_is_refused(client: Client) -> None:
    async with running_worker(client, World()) as day:
        handle = await client.start_workflow(
            names.DAILY_PIPELINE, {"game_date": str(day.date)}, id=f"other-{day.date}",
            task_queue=day.task_queue,
        )  # fmt: skip
        cause = await _cause(handle)
    assert cause.type == "BadRequest"
    assert f"daily-{day.date}" in cause.message


async def test_an_unknown_phase_in_the_input_is_refused_with_the_near_miss(client: Client) -> None:
    async with running_worker(client, World()) as day:
        cause = await _cause(await day.start(phases=("analytic",)))
    assert "did you mean analytics" in cause.message


async def test_an_optional_processor_that_fails_does_not_stop_the_day(client: Client) -> None:
    world = World()
    world.fails("scrape_injuries")
    async with running_worker(client, world) as day:
        report = await (await day.start()).result()
    assert report.status is DayStatus.COMPLETED
    failed = [p.name for phase in report.phases for p in phase.processors if p.state is PhaseState.FAILED]
    assert failed == ["scrape_injuries"]


async def test_a_required_failure_parks_the_day_and_a_retrigger_completes_it(client: Client) -> None:
    world = World()
    world.fails("player_game_summary", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        blockers = (await status_of(handle)).blockers
        assert blockers[0].processor == "player_game_summary"
        assert f"tipoff retrigger {day.date} --phase analytics" in blockers[0].command
        await handle.signal("retrigger", day.retrigger("analytics"))
        report = await handle.result()
    assert report.status is DayStatus.COMPLETED
    assert world.runs["scrape_schedule"] == 1, "finished phases are not run again"
    (alert,) = world.alerts
    assert alert.cause == "analytics/player_game_summary/SchemaViolation"
    assert (alert.game_date, alert.workflow_id) == (day.date, f"daily-{day.date}")
    assert alert.blocks == "precompute, predictions, grading, publishing"
    assert alert.command == f'tipoff retrigger {day.date} --phase analytics --reason "mended"'
    assert [(r.game_date, r.causes) for r in world.resolutions] == [(day.date, ("analytics",))]


async def test_a_parked_day_ends_failed_when_its_deadline_passes(client: Client) -> None:
    world = World()
    world.until_tip = timedelta(seconds=3)
    world.fails("raw_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        cause = await _cause(handle)
        report = await status_of(handle)
    assert cause.type == "DayFailed"
    assert "raw" in cause.message
    assert report.status is DayStatus.FAILED
    assert world.runs["published_documents"] == 0, "nothing is published that rests on a failed phase"
    assert [a.severity for a in world.alerts][-1] == "critical"
    assert world.alerts[-1].title == f"{day.date}: the day has failed"


async def test_a_day_says_early_that_it_may_miss_its_tip_off_and_then_that_it_has_not(
    client: Client,
) -> None:
    world = World()
    world.until_tip = timedelta(minutes=40)
    world.usual_seconds = {"raw": 60, "analytics": 240, "precompute": 240, "predictions": 119}
    world.fails("raw_schedule", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()
        # Half an hour before 40 minutes less the 11 that are left: in the past already.
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        late = (await status_of(handle)).late
        assert late.startswith("raw still waits; it must be mended by ")
        assert late.endswith("what is left usually takes 11 minutes")
        await handle.signal("retrigger", day.retrigger("raw"))
        await handle.result()
    causes = [a.cause for a in world.alerts]
    assert causes == ["raw/raw_schedule/SchemaViolation", "day/late"]
    assert (world.alerts[1].severity, world.alerts[1].text) == ("critical", late)
    assert [r.causes for r in world.resolutions] == [("raw",), ("day",)]


async def test_a_day_that_begins_too_late_says_so_before_its_first_phase(client: Client) -> None:
    world = World()
    world.until_tip = timedelta(minutes=5)
    world.usual_seconds = {"scrape": 300, "raw": 60}
    async with running_worker(client, world) as day:
        report = await (await day.start()).result()
    assert report.late.endswith("UTC")
    assert "1 minute after the deadline" in report.late
    assert [a.cause for a in world.alerts] == ["day/late"]


async def test_a_day_ends_what_an_earlier_run_of_it_has_told_of_phases_that_are_completed(
    client: Client,
) -> None:
    world = World()
    world.alerted = True
    world.completed = ("scrape", "raw")
    async with running_worker(client, world) as day:
        handle = await day.start(retriggers=(Retrigger(**day.retrigger("analytics")),))
        await handle.result()
    every = ("day", "scrape", "raw", "analytics", "precompute", "predictions", "grading", "publishing")
    assert [r.causes for r in world.resolutions] == [(*every, "refresh")]


@pytest.mark.parametrize(("failed_runs", "minutes"), [(1, 1), (2, 2), (5, 16), (6, 30), (1_000, 30)])
def test_a_phase_is_tried_again_at_most_half_an_hour_later_however_often_it_failed(
    failed_runs: int, minutes: int
) -> None:
    assert until_tried_again(failed_runs) == timedelta(minutes=minutes)


async def test_alerts_that_can_not_be_told_stop_no_day(client: Client) -> None:
    world = World()
    world.fails("player_game_summary", times=1)
    world.mute = True
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        await handle.signal("retrigger", day.retrigger("analytics"))
        report = await handle.result()
    assert report.status is DayStatus.COMPLETED
    assert (world.alerts, world.resolutions) == ([], [])


async def test_a_failing_grading_does_not_keep_predictions_from_being_published(client: Client) -> None:
    world = World()
    world.fails("prediction_results", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        assert world.runs["published_documents"] == 1
        await handle.signal("retrigger", day.retrigger("grading"))
        await handle.result()
    assert world.runs["published_documents"] == 1


async def test_a_retrigger_of_a_running_phase_runs_it_again_and_its_dependants_once(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("team_offense_game_summary")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        answer = await handle.execute_update("retrigger", day.retrigger("analytics"), result_type=Answer)
        assert answer.accepted
        assert "precompute" in answer.message
        go_on.set()
        await handle.result()
    assert world.runs["team_offense_game_summary"] == 2
    assert world.runs["ml_feature_store_v2"] == 1
    assert world.runs["raw_schedule"] == 1


async def test_a_retrigger_after_completion_runs_that_phase_and_its_dependants_only(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        first = await day.start()
        await first.result()
        world.completed = PHASE_NAMES
        world.runs.clear()
        again = await day.start_again("predictions")
        report = await again.result()
    assert report.status is DayStatus.COMPLETED
    assert set(world.runs) == {
        "prediction_chunk", "prediction_quality", "player_prop_predictions", "withheld_players",
        "shadow_predictions", "published_documents", "publishing_quality", "daily_brief",
    }  # fmt: skip


async def test_the_same_request_id_acts_once_even_across_runs(client: Client) -> None:
    world = World()
    world.fails("raw_schedule", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        request = day.retrigger("raw", "once")
        await handle.signal("retrigger", request)
        await handle.signal("retrigger", request)
        await handle.result()
        assert world.runs["raw_schedule"] == 2
        world.completed = PHASE_NAMES
        world.runs.clear()
        again = await day.start_again("raw", "once")
        report = await again.result()
    assert world.runs["raw_schedule"] == 0 or "acted on by an earlier run" in report.rejected[0]
    assert not world.runs


async def test_only_the_named_processors_of_a_retriggered_phase_run(client: Client) -> None:
    world = World()
    world.fails("raw_prop_lines", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        await handle.signal("retrigger", day.retrigger("raw", processors=["raw_prop_lines"]))
        await handle.result()
    assert world.runs["raw_prop_lines"] == 2
    assert world.runs["raw_schedule"] == 1


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        ("not an object", "JSON object"),
        ({"phase": "raw"}, "request_id"),
        ({"request_id": "x", "reason": "y", "phase": "team-game-stats"}, "possible"),
        ({"request_id": "x", "reason": "y", "phase": "raw", "processors": ["raw_shedule"]}, "raw_schedule"),
        ({"request_id": "x", "reason": "y", "phase": "raw", "colour": "red"}, "colour"),
    ],
)
async def test_a_malformed_signal_shows_as_rejected_in_status(
    client: Client, payload: object, names: str
) -> None:
    world = World()
    begun, go_on = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        await handle.signal("retrigger", payload)
        rejected = (await status_of(handle)).rejected
        go_on.set()
        await handle.result()
    assert len(rejected) == 1
    assert names in rejected[0]


async def test_a_malformed_update_is_refused_with_the_reason_and_leaves_no_trace(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update("retrigger", day.retrigger("nonsense"))
        go_on.set()
        await handle.result()
    assert "there is no phase 'nonsense'" in str(refused.value.cause)


async def test_a_paused_day_starts_nothing_until_it_is_resumed(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        await handle.execute_update("pause", day.request())
        go_on.set()
        await assert_eventually(lambda: _is(handle, DayStatus.PAUSED))
        assert world.runs["raw_schedule"] == 0
        await handle.execute_update("resume", day.request())
        await handle.result()
    assert world.runs["raw_schedule"] == 1


async def test_an_aborted_day_ends_at_once_and_says_who_and_why(client: Client) -> None:
    world = World()
    begun, _ = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        await handle.execute_update("abort", day.request(reason="wrong date"))
        cause = await _cause(handle)
    assert cause.type == "DayAborted"
    assert "tester" in cause.message
    assert "wrong date" in cause.message


async def test_a_skipped_phase_counts_as_done_for_what_needs_it(client: Client) -> None:
    world = World()
    world.fails("scrape_rosters")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await assert_eventually(lambda: _is(handle, DayStatus.WAITING))
        await handle.signal("skip", day.request(phase="scrape"))
        report = await handle.result()
    assert report.phases[0].state is PhaseState.SKIPPED
    assert report.phases[1].state is PhaseState.COMPLETED


async def test_a_day_without_games_completes_and_alerts_nobody(client: Client) -> None:
    world = World()
    world.games = 0
    async with running_worker(client, world) as day:
        report = await (await day.start()).result()
    assert (report.status, report.games, world.alerts) == (DayStatus.COMPLETED, 0, [])


async def test_two_runs_of_one_date_cannot_exist_at_once(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        with pytest.raises((RPCError, Exception), match="already"):
            await day.start()
        go_on.set()
        await handle.result()


async def test_a_launch_starts_the_day_under_its_own_id_and_only_once(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("scrape_schedule")
    async with running_worker(client, world) as day:
        results = []
        for n in range(2):
            results.append(
                await client.execute_workflow(
                    names.LAUNCH,
                    messages.LaunchInput(game_date=day.date),
                    id=f"launch-{day.date}-{n}",
                    task_queue=day.task_queue,
                    result_type=messages.LaunchResult,
                )
            )
            await begun.wait()
        go_on.set()
        report: DayReport = await client.get_workflow_handle(
            f"daily-{day.date}", result_type=DayReport
        ).result()
    assert [r.already_running for r in results] == [False, True]
    assert report.status is DayStatus.COMPLETED


async def test_a_query_answers_with_a_timeline_while_the_day_runs(client: Client) -> None:
    world = World()
    begun, go_on = world.blocks("raw_schedule")
    async with running_worker(client, world) as day:
        handle = await day.start()
        await begun.wait()
        entries = await handle.query("timeline", result_type=list[messages.TimelineEntry])
        go_on.set()
        await asyncio.gather(handle.result())
    assert [e.what for e in entries][-3:] == ["scrape started", "scrape completed", "raw started"]
