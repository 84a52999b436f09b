"""Runs any number of past dates, in order, several at once: starts the days and writes none of their rows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ApplicationError

from workflows.backfilled_day import BackfilledDay
from workflows.steps import BOOKKEEPING, BOOKKEEPING_TIMEOUT, HEARTBEAT_TIMEOUT

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.backfill import (
        RECENT,
        BackfillInput,
        BackfillPlan,
        BackfillPlanRequest,
        BackfillProgress,
        BackfillSummary,
        Carried,
        DayProgress,
        Kind,
    )
    from shared.clock import MORNING, eastern
    from shared.errors import BadRequest
    from shared.jobs import HistoryProgress, LoadHistoryInput, TrainInput, TrainResult
    from shared.messages import DayStatus
    from shared.names import BACKFILL, DAY_PROGRESS, LOAD_HISTORY, PLAN_BACKFILL, RECORD_BACKFILL, TRAIN_MODEL
    from shared.phases import phase_named

FAILURES_KEPT = 100


@workflow.defn(name=BACKFILL, failure_exception_types=[ValidationError])
class BackfillWorkflow:
    """A plan, then the days that it names, each as `daily-<date>`; a summary at the end."""

    @workflow.init
    def __init__(self, request: BackfillInput) -> None:
        info = workflow.info()
        self._request = request
        self._carried = request.carried or Carried(
            backfill_id=f"{info.workflow_id}/{info.first_execution_run_id[:8]}",
            began=info.start_time,
            following=request.start,
            total=0,
        )
        self._epoch = int(info.start_time.timestamp() * 1_000_000)
        self._paused = self._carried.paused
        self._stopped = False
        self._state = "planning"
        self._plan: BackfillPlan | None = None
        self._days: list[BackfilledDay] = []
        """Those of this run that have been started."""

    @workflow.run
    async def run(self, request: BackfillInput) -> BackfillSummary:
        """Runs what the plan names, and continues as new after so many dates.

        Raises:
            ApplicationError: `BadRequest` for a phase that doesn't exist, or dates that no model can serve.
            ChildWorkflowError: history or model could not be had. A day's failure is not one of the backfill:
                it is in the summary.
        """
        if request.phase:
            try:
                phase_named(request.phase)
            except BadRequest as error:
                raise ApplicationError(str(error), type="BadRequest", non_retryable=True) from None
        plan = self._plan = await self._make_plan()
        first_run = request.carried is None
        if first_run:
            self._carry(total=plan.chosen)
        if request.dry_run:
            return self._summary("planned").model_copy(update={"plan": plan})
        if first_run and plan.refusal:
            raise ApplicationError(plan.refusal, type="BadRequest", non_retryable=True)
        if first_run:
            await self._record(self._summary("running"))
            await self._prepare(plan)
        await self._run_days(plan)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if plan.following and not self._stopped:
            self._carry(following=plan.following, paused=self._paused)
            workflow.continue_as_new(request.model_copy(update={"carried": self._carried}))
        self._state = "done"
        status = "stopped" if self._stopped else "failed" if self._carried.failed else "completed"
        summary = self._summary(status)
        await self._record(summary)
        return summary

    # ---- before the first day

    async def _make_plan(self) -> BackfillPlan:
        request = self._request
        plan: BackfillPlan = await workflow.execute_activity(
            PLAN_BACKFILL,
            BackfillPlanRequest(
                start=request.start,
                end=request.end,
                phase=request.phase,
                only=request.only,
                following=self._carried.following,
                limit=request.dates_per_run,
            ),
            result_type=BackfillPlan,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=BOOKKEEPING,
        )
        return plan

    async def _prepare(self, plan: BackfillPlan) -> None:
        """Brings in the games before the first date, and a model if none may serve it."""
        whole = [day.game_date for day in plan.days if day.kind in (Kind.MISSING, Kind.FAILED)]
        if not whole:
            return
        self._state = "preparing"
        first, name = whole[0], self._carried.backfill_id
        history: HistoryProgress = await workflow.execute_child_workflow(
            LOAD_HISTORY,
            LoadHistoryInput(
                # Exclusive: the box scores of the day before are brought in by the day itself.
                until=first - timedelta(days=1),
                seasons=self._request.history_seasons,
                as_of=min(eastern(first, MORNING), workflow.now()),
            ),
            id=f"{name}/history",
            result_type=HistoryProgress,
        )
        workflow.logger.info("history: %s games brought in", history.games)
        if plan.champion:
            return
        trained: TrainResult = await workflow.execute_child_workflow(
            TRAIN_MODEL,
            # Games up to D-2 only: the first date may see nothing that the live day could not.
            TrainInput(trained_through=first - timedelta(days=2), as_champion=True),
            id=f"{name}/train",
            result_type=TrainResult,
        )
        workflow.logger.info("model: %s", trained.model_id)

    # ---- the days

    async def _run_days(self, plan: BackfillPlan) -> None:
        """Starts each planned day when its turn comes, and waits for those under way."""
        self._state = "running"
        for planned in plan.days:
            before = self._days[-1] if self._days else None
            day = BackfilledDay(planned, before, self._carried.backfill_id, self._request.requested_by)
            await workflow.wait_condition(lambda day=day: self._stopped or self._may_start(day))  # type: ignore[misc]
            if self._stopped:
                break
            self._days.append(day)
            day.task = asyncio.create_task(self._one(day))
        await workflow.wait_condition(lambda: all(day.ended for day in self._days))

    def _may_start(self, day: BackfilledDay) -> bool:
        busy = [d for d in self._days if not d.ended and not d.parked]
        return not self._paused and len(busy) < self._request.max_parallel and day.may_begin()

    async def _one(self, day: BackfilledDay) -> None:
        await day.run()
        now = workflow.now()
        carried = self._carried
        if day.status is DayStatus.COMPLETED:
            self._carry(completed=carried.completed + 1, games=carried.games + day.games)
        else:
            failures = (*carried.failures, f"{day.game_date}: {day.message}"[:300])[:FAILURES_KEPT]
            self._carry(failed=carried.failed + 1, failures=failures)
        first = carried.first_finished
        self._carry(
            first_finished=(*first, now) if len(first) <= RECENT else first,
            last_finished=(*carried.last_finished, now)[-RECENT - 1 :],
        )
        await self._release()

    def _carry(self, **changes: Any) -> None:
        self._carried = self._carried.model_copy(update=changes)

    # ---- messages

    @workflow.signal(name=DAY_PROGRESS)
    async def day_progress(self, progress: DayProgress) -> None:
        """A day tells how far it is; the day after may have waited for that."""
        for day in self._days:
            if day.game_date == progress.game_date:
                day.take(progress)
        await self._release()

    async def _release(self) -> None:
        for day in self._days:
            await day.release_what_is_free()

    @workflow.signal
    def pause(self, reason: Any = None) -> None:
        """Start no further day; those under way are finished."""
        self._paused = True

    @workflow.signal
    def resume(self, reason: Any = None) -> None:
        """Go on after a pause."""
        self._paused = False

    @workflow.signal
    def stop(self, reason: Any = None) -> None:
        """End when the days under way are finished."""
        self._stopped = True

    # ---- what the world sees

    @workflow.query
    def plan(self) -> BackfillPlan | None:
        """What was planned, from this run of the workflow on; none before the plan is made."""
        return self._plan

    @workflow.query
    def progress(self) -> BackfillProgress:
        """How far it is, and how long it will take at the pace of the last twenty dates."""
        carried = self._carried
        done = carried.completed + carried.failed
        pace = _pace(carried.last_finished)
        state = "stopping" if self._stopped and self._state != "done" else self._state
        return BackfillProgress(
            backfill_id=carried.backfill_id,
            state="paused" if self._paused and state == "running" else state,
            done=done,
            total=carried.total,
            failed=carried.failed,
            running=tuple(day.told() for day in self._days if not day.ended),
            seconds_per_date=pace,
            remaining_seconds=None if pace is None else pace * (carried.total - done),
            note="; ".join(carried.failures[-3:]),
        )

    def _summary(self, status: str) -> BackfillSummary:
        request, carried = self._request, self._carried
        return BackfillSummary(
            backfill_id=carried.backfill_id,
            start=request.start,
            end=request.end,
            phase=request.phase,
            only=str(request.only or ""),
            max_parallel=request.max_parallel,
            requested_by=request.requested_by,
            status=status,
            dates=carried.total,
            completed=carried.completed,
            failed=carried.failed,
            games=carried.games,
            failures=carried.failures,
            seconds=(workflow.now() - carried.began).total_seconds(),
            first_seconds=_pace(carried.first_finished),
            last_seconds=_pace(carried.last_finished),
            began=carried.began,
        )

    async def _record(self, summary: BackfillSummary) -> None:
        await workflow.execute_activity(
            RECORD_BACKFILL,
            summary,
            start_to_close_timeout=BOOKKEEPING_TIMEOUT,
            retry_policy=BOOKKEEPING,
        )


@workflow.defn(
    name=BACKFILL,
    failure_exception_types=[ValidationError],
    versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
)
class UpgradedBackfillWorkflow(BackfillWorkflow):
    """The same on a versioned worker: over any number of builds, since it keeps nothing but counts.

    A class of its own, because the server refuses a behaviour from a worker that is not versioned.
    """

    @workflow.init
    def __init__(self, request: BackfillInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: BackfillInput) -> BackfillSummary:
        """See `BackfillWorkflow.run`."""
        return await super().run(request)


def _pace(finished: tuple[Any, ...]) -> float | None:
    """Seconds between the ends of dates; None before there are two."""
    if len(finished) < 2:
        return None
    return float((finished[-1] - finished[0]).total_seconds() / (len(finished) - 1))
