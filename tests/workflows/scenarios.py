"""One run of every workflow type, in the ways that matter for replay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from temporalio.client import WorkflowFailureError

from shared import jobs, messages, models, names
from shared.alerts import AbsenceInput, AlertsInput
from shared.backfill import BackfillInput
from shared.brief import BriefInput
from shared.deployments import DriftInput
from shared.evaluation import EvaluateInput
from shared.grid import GridInput
from shared.health import HealthInput
from shared.messages import DayStatus, PhaseState
from shared.operator_actions import OperatorAction
from shared.phases import PHASE_NAMES
from shared.predeploy import Finding
from shared.reconcile import Found, Kind, ReconcileInput, Remedy
from shared.refresh import RefreshInput
from shared.sources import SourcesInput
from shared.validation import SchemaCheckInput, SpotCheckInput, ValidateInput
from starter.predeploy import this_code
from tests.workflows.world import Day, assert_eventually, fresh_days, status_of

NOON = datetime(2100, 1, 1, 17, tzinfo=UTC)

Scenario = Callable[[Day], Awaitable[list[str]]]
"""Runs to its end; returns the ids of the workflows whose histories are worth keeping."""


async def undisturbed_day(day: Day) -> list[str]:
    """A day from beginning to end, with its children."""
    handle = await day.start()
    await handle.result()
    return [handle.id, f"{handle.id}/scrape", f"{handle.id}/predictions"]


async def parked_and_retriggered_day(day: Day) -> list[str]:
    """A day that parks and is re-triggered; a malformed signal and a pause on the way."""
    day.world.fails("player_game_summary", times=1)
    handle = await day.start()

    async def waits() -> bool:
        return (await status_of(handle)).status is DayStatus.WAITING

    await assert_eventually(waits)
    await handle.signal("retrigger", "not an object")
    await handle.execute_update("pause", day.request())
    await handle.execute_update("retrigger", day.retrigger("analytics"))
    await handle.execute_update("resume", day.request())
    await handle.result()
    return [handle.id, f"{handle.id}/analytics"]


async def healed_day(day: Day) -> list[str]:
    """A day that waits twice and goes on by itself: for a processor, and for a chunk of another."""
    day.world.fails("raw_prop_lines", times=1)
    day.world.fails_in_chunk("prediction_chunk", 1, times=1)
    handle = await day.start()
    await handle.result()
    return [handle.id, f"{handle.id}/raw/r2", f"{handle.id}/predictions/r2"]


async def aborted_day(day: Day) -> list[str]:
    """A day aborted while a processor runs."""
    begun, _ = day.world.blocks("raw_schedule")
    handle = await day.start()
    await begun.wait()
    await handle.execute_update("abort", day.request())
    with suppress(WorkflowFailureError):
        await handle.result()
    return [handle.id, f"{handle.id}/raw"]


async def reopened_day(day: Day) -> list[str]:
    """A run opened by a re-trigger after completion."""
    await (await day.start()).result()
    day.world.completed = PHASE_NAMES
    handle = await day.start_again("predictions")
    await handle.result()
    return [handle.id]


async def launched_day(day: Day) -> list[str]:
    """What a schedule starts."""
    handle = await day.client.start_workflow(
        names.LAUNCH, messages.LaunchInput(game_date=day.date), id=f"launch-{day.date}",
        task_queue=day.task_queue,
    )  # fmt: skip
    await handle.result()
    await day.client.get_workflow_handle(f"daily-{day.date}").result()
    return [handle.id]


async def refreshed_day(day: Day) -> list[str]:
    """A completed day, refreshed in a new run without the lines, which could not be had."""
    await (await day.start()).result()
    day.world.completed = PHASE_NAMES
    day.world.fails("scrape_prop_lines", "UpstreamUnavailable")
    refresh = await _run(day, names.REFRESH_DAY, RefreshInput(game_date=day.date, as_of=NOON))
    handle = day.client.get_workflow_handle(f"daily-{day.date}")
    await handle.result()
    return [refresh, handle.id]


async def refreshed_after_a_skip(day: Day) -> list[str]:
    """A day that waits for its grading and goes on without its publishing, refreshed: that fails again."""
    for processor in ("prediction_results", "published_documents"):
        day.world.fails(processor)
    handle = await day.start()

    async def both_wait() -> bool:
        phases = {p.name: p.state for p in (await status_of(handle)).phases}
        return phases["grading"] is phases["publishing"] is PhaseState.WAITING

    await assert_eventually(both_wait, timeout=60)
    await handle.execute_update("skip", day.request(phase="publishing"))
    await _run(day, names.REFRESH_DAY, RefreshInput(game_date=day.date, as_of=NOON))

    async def skipped_again() -> bool:
        phases = {p.name: p.state for p in (await status_of(handle)).phases}
        ran = day.world.runs["published_documents"] == 2
        return ran and phases["publishing"] is PhaseState.SKIPPED

    await assert_eventually(skipped_again, timeout=60)
    await handle.execute_update("abort", day.request())
    with suppress(WorkflowFailureError):
        await handle.result()
    return [handle.id]


async def reconciled_dates(day: Day) -> list[str]:
    """A date never run, a completed one with a phase to be run again, one that runs, and orphans."""
    never, empty, running = fresh_days(3)
    handle = await day.start_date(empty)
    await handle.result()
    day.world.completed = PHASE_NAMES
    begun, go_on = day.world.blocks("raw_schedule")
    await day.start_date(running)
    await begun.wait()
    day.world.behaviours.clear()
    day.world.found = tuple(
        Found(kind=kind, game_date=on, what="found", remedy=remedy, phase=phase, request_id=f"reconcile-{on}")
        for kind, on, remedy, phase in (
            (Kind.NEVER_RUN, never, Remedy.START, ""),
            (Kind.EMPTY_TABLE, empty, Remedy.RETRIGGER, "publishing"),
            (Kind.UNFINISHED, running, Remedy.RETRIGGER, "raw"),
            (Kind.FAILED, running, Remedy.RETRIGGER, "raw"),
            (Kind.STAGING, None, Remedy.SWEEP, ""),
            (Kind.BOX_SCORE, empty, Remedy.NONE, ""),
        )
    )
    found = await _run(day, names.RECONCILE, ReconcileInput(requested_by="tester"))
    go_on.set()
    await day.client.get_workflow_handle(f"daily-{running}").result()
    return [found]


async def loaded_history(day: Day) -> list[str]:
    """History in three chunks."""
    request = jobs.LoadHistoryInput(until=date(2100, 4, 1), seasons=0, as_of=datetime(2100, 4, 1, tzinfo=UTC))
    return [await _run(day, names.LOAD_HISTORY, request)]


async def loaded_lines(day: Day) -> list[str]:
    """Past lines in two chunks."""
    request = jobs.LoadLinesInput(
        start=date(2100, 1, 1), end=date(2100, 2, 2), as_of=datetime(2100, 4, 1, tzinfo=UTC)
    )
    return [await _run(day, names.LOAD_LINES, request)]


async def trained_model(day: Day) -> list[str]:
    """One training."""
    return [await _run(day, names.TRAIN_MODEL, jobs.TrainInput(trained_through=date(2100, 4, 1)))]


async def model_lifecycle(day: Day) -> list[str]:
    """A model shadowed, compared, promoted, rolled back and listed."""
    said = {"approved_by": "ada", "reason": "test"}
    shadow = models.ShadowInput(model_id="m1", requested_by="ada", reason="test")
    return [
        await _run(day, names.SHADOW_MODEL, shadow),
        await _run(day, names.COMPARE_MODELS, models.CompareInput(model_a="m0", model_b="m1")),
        await _run(day, names.PROMOTE_MODEL, models.PromoteInput(model_id="m1", **said)),
        await _run(day, names.ROLLBACK_MODEL, models.RollbackInput(**said)),
        await _run(day, names.LIST_MODELS, models.ListModelsInput()),
    ]


async def asked_query(day: Day) -> list[str]:
    """One SELECT."""
    return [await _run(day, names.QUERY, jobs.QueryInput(sql="SELECT 1 AS n"))]


async def summarised_day(day: Day) -> list[str]:
    """A day's figures."""
    return [await _run(day, names.DAY_SUMMARY, jobs.DaySummaryInput(game_date=day.date))]


async def asked_grid(day: Day) -> list[str]:
    """The status grid."""
    return [await _run(day, names.STATUS_GRID, GridInput())]


async def asked_health(day: Day) -> list[str]:
    """How everything is."""
    return [await _run(day, names.HEALTH, HealthInput())]


async def asked_brief(day: Day) -> list[str]:
    """The hand-over document."""
    return [await _run(day, names.BRIEF, BriefInput())]


async def checked_drift(day: Day) -> list[str]:
    """Findings about builds, kept."""
    finding = Finding(check="worker 1@here", status="ok", observed="build b", expected="build b")
    return [await _run(day, names.CHECK_DRIFT, DriftInput(findings=(finding,), checked_for=day.date))]


async def recorded_action(day: Day) -> list[str]:
    """A command that changes something, kept."""
    action = OperatorAction(
        action_id="1", action="schedule pause", subject="daily", requested_by="a test",
        reason="all-star break", requested_at=datetime(2100, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return [await _run(day, names.RECORD_ACTION, action)]


async def asked_alerts(day: Day) -> list[str]:
    """The alerts and their channels."""
    return [await _run(day, names.ALERTS, AlertsInput())]


async def asked_sources(day: Day) -> list[str]:
    """The sources, after one was closed."""
    return [await _run(day, names.SOURCES, SourcesInput(close="espn", reason="back", requested_by="a test"))]


async def watched_for_absence(day: Day) -> list[str]:
    """A day that has not begun by its time."""
    return [await _run(day, names.ABSENCE_ALARM, AbsenceInput(game_date=date(2020, 1, 1)))]


async def failed_day(day: Day) -> list[str]:
    """A day that parks and is given up at its deadline."""
    day.world.until_tip = timedelta(seconds=2)
    day.world.usual_seconds = {"raw": 60}
    day.world.fails("player_game_summary")
    handle = await day.start()
    with suppress(WorkflowFailureError):
        await handle.result()
    return [handle.id]


async def checked_predeploy(day: Day) -> list[str]:
    """A deployment that is checked beforehand."""
    return [await _run(day, names.PREDEPLOY, this_code())]


async def validated_dates(day: Day) -> list[str]:
    """Dates validated, player-days computed again, tables compared with their DDL."""
    return [
        await _run(day, names.VALIDATE, ValidateInput(start=day.date, end=day.date)),
        await _run(day, names.SPOT_CHECK, SpotCheckInput()),
        await _run(day, names.SCHEMA_CHECK, SchemaCheckInput()),
    ]


async def evaluated_dates(day: Day) -> list[str]:
    """An evaluation of two segments."""
    request = EvaluateInput(start=date(2100, 3, 1), end=date(2100, 4, 1))
    return [await _run(day, names.EVALUATE, request)]


async def backfilled_dates(day: Day) -> list[str]:
    """A backfill of three dates, the last of them stale, that continues as new after two."""
    dates = fresh_days(3)
    day.world.retriggers = {dates[2]: ("precompute", "grading")}
    request = BackfillInput(start=dates[0], end=dates[2], dates_per_run=2)
    handle = await day.client.start_workflow(
        names.BACKFILL, request, id=f"backfill-{dates[0]}-{dates[2]}", task_queue=day.task_queue
    )
    await handle.result()
    return [handle.id, f"daily-{dates[1]}", f"daily-{dates[2]}"]


async def _run(day: Day, workflow: str, request: messages.Message) -> str:
    handle = await day.client.start_workflow(
        workflow, request, id=f"{workflow}-{uuid4().hex}", task_queue=day.task_queue
    )
    await handle.result()
    return handle.id


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        undisturbed_day, parked_and_retriggered_day, aborted_day, reopened_day, launched_day,
        refreshed_day, loaded_history, loaded_lines, trained_model, model_lifecycle, asked_query,
        summarised_day, checked_predeploy, checked_drift, recorded_action, evaluated_dates, asked_grid,
        asked_health, asked_brief, backfilled_dates, validated_dates, asked_alerts, watched_for_absence,
        failed_day, reconciled_dates, asked_sources, refreshed_after_a_skip, healed_day,
    )
}  # fmt: skip

HURRIED = frozenset({"healed_day"})
"""Scenarios in which a phase is tried again by itself: a test does not wait for it. What is saved does, two
minutes: of an attempt at once there would be no timer to replay."""
