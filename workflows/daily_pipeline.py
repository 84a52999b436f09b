"""The day: seven phases in the order of the registry, durable, parked rather than failed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError, is_cancelled_exception

from workflows import day_alerts
from workflows.day_state import DayState, PhaseRecord
from workflows.deadline import given_up_at, told_late_at, until_tried_again
from workflows.operator_messages import OperatorMessages, parse
from workflows.status_rows import RECORDED_IN_BATCHES, StatusRows
from workflows.steps import BOOKKEEPING, BOOKKEEPING_TIMEOUT
from workflows.watched_day import WatchedDay

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared import names
    from shared.backfill import DayProgress
    from shared.day_before import NEEDED_BY_DAY_AFTER
    from shared.errors import BadRequest
    from shared.ids import daily_workflow_id, phase_workflow_id
    from shared.messages import (
        Blocker,
        Claim,
        ClaimResult,
        DailyPipelineInput,
        DayPlan,
        DayReport,
        DayStatus,
        PhaseRequest,
        PhaseResult,
        PhaseState,
        PlanRequest,
        ProcessorResult,
        Refresh,
        Retrigger,
        Skip,
        TimelineEntry,
    )

_GAME_DATE = SearchAttributeKey.for_keyword(names.GAME_DATE)
_PHASE = SearchAttributeKey.for_keyword(names.PHASE_ATTRIBUTE)
_STATUS = SearchAttributeKey.for_keyword(names.PIPELINE_STATUS)

ENDED = frozenset({DayStatus.COMPLETED, DayStatus.FAILED, DayStatus.ABORTED})

HEALS_WHAT_FAILED = "heals-what-failed"
"""The patch before which an attempt by itself ran the whole phase again."""

RECORDED_BESIDE = "recorded-beside-the-phase"
"""The patch before which a phase waited until the warehouse had the status rows of its beginning."""


@workflow.defn(name=names.DAILY_PIPELINE, failure_exception_types=[ValidationError])
class DailyPipelineWorkflow(OperatorMessages, WatchedDay):
    """One game date, end to end. Its id, `daily-<game_date>`, is the lock on that date."""

    @workflow.init
    def __init__(self, request: DailyPipelineInput) -> None:
        OperatorMessages.__init__(self)
        WatchedDay.__init__(self, request.watched_by, request.held)
        info = workflow.info()
        self._started_at = info.start_time
        self._epoch = int(info.start_time.timestamp() * 1_000_000)
        self._aborted = ""
        self._paused = False
        self._day = DayState(request.game_date, info.run_id)
        self._status_rows = StatusRows(self._day, self._epoch, backfilled=bool(request.watched_by))

    @workflow.run
    async def run(self, request: DailyPipelineInput) -> DayReport:
        """Runs the day to a true end: completed, failed or aborted.

        Raises:
            ApplicationError: `BadRequest` when the id is not that of the date; `DayFailed` when a phase
                was not completed by its deadline; `DayAborted` when an operator ended it.
        """
        expected = daily_workflow_id(request.game_date)
        if workflow.info().workflow_id != expected:
            msg = f"workflow id: a run of {request.game_date} must have the id {expected}"
            raise ApplicationError(msg, type="BadRequest", non_retryable=True)
        try:
            self._day.limit_to(request.phases)
            for retrigger in request.retriggers:
                self._enqueue("retrigger", parse("retrigger", retrigger))
            if request.refresh:
                self._enqueue("refresh", request.refresh)
        except BadRequest as error:
            raise ApplicationError(str(error), type="BadRequest", non_retryable=True) from None
        self._day.plan = await self._plan(request)
        self._resume_from(self._day.plan)
        while True:
            await self._act_on_messages()
            self.tell()
            if self._aborted:
                break
            record = None if self._paused else self._day.next_phase(self.held)
            if record is not None:
                await self._run_phase(record)
            elif self._paused or self._day.waiting():
                await self._park()
            elif self._day.next_phase() is not None:
                await self._hold()
            elif not self.inbox:
                await self._status_rows.write()
                if not self.inbox:
                    break
        return await self._finish()

    # ---- beginning and end

    async def _plan(self, request: DailyPipelineInput) -> DayPlan:
        plan: DayPlan = await workflow.execute_activity(
            names.PLAN_DAY,
            PlanRequest(game_date=request.game_date, as_of=request.as_of, started_at=self._started_at),
            result_type=DayPlan,
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=BOOKKEEPING,
        )
        self._day.note(workflow.now(), f"planned as of {plan.as_of:%Y-%m-%d %H:%M} UTC")
        workflow.upsert_search_attributes(
            [_GAME_DATE.value_set(request.game_date.isoformat()), _STATUS.value_set("running")]
        )
        return plan

    def _resume_from(self, plan: DayPlan) -> None:
        """A run opened by a re-trigger or a refresh does what that is about only, where the rest stands."""
        wanted = any(isinstance(request, Retrigger | Refresh) for _, request in self.inbox)
        if not wanted or not plan.completed_phases:
            return
        self._day.opened_again = True
        for name, record in self._day.phases.items():
            if name in plan.completed_phases and record.state is PhaseState.PENDING:
                record.state = PhaseState.COMPLETED

    async def _finish(self) -> DayReport:
        failed = [r.phase.name for r in self._day.phases.values() if r.state is PhaseState.FAILED]
        day = self._day
        if self._aborted:
            day.status, day.message = DayStatus.ABORTED, self._aborted
        elif failed:
            day.status = DayStatus.FAILED
            day.message = f"not completed by the deadline: {', '.join(failed)}"
        else:
            day.status = DayStatus.COMPLETED
            day.message = "" if day.plan is None or day.plan.games else "no games"
        day.note(workflow.now(), f"{day.status} {day.message}".strip())
        await self._status_rows.write()
        self._show("")
        if failed and not self._aborted and workflow.patched("alert-of-failed-day"):
            await day_alerts.send(day_alerts.failed(day, failed[0]))
        elif day.status is DayStatus.COMPLETED:
            await day_alerts.end_of_day(day)
        await self.tell_the_end()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if day.status is DayStatus.COMPLETED:
            return self.status()
        kind = "DayAborted" if day.status is DayStatus.ABORTED else "DayFailed"
        raise ApplicationError(day.message, type=kind, non_retryable=True)

    # ---- phases

    async def _run_phase(self, record: PhaseRecord) -> None:
        day = self._day
        await day_alerts.say_if_late(day, self._started_at)
        day.status, day.message = DayStatus.RUNNING, ""
        day.begin(record, workflow.now())
        if record.phase.reads_status or not workflow.patched(RECORDED_BESIDE):
            await self._status_rows.write()
        waits = self._status_rows.due_within()
        recording = None if waits else asyncio.create_task(self._status_rows.write())
        self._show(record.phase.name)
        request = PhaseRequest(
            game_date=day.game_date,
            phase=record.phase.name,
            as_of=self._as_of,
            started_at=self._started_at,
            epoch=self._epoch,
            retrigger=record.retrigger,
            processors=record.processors,
            planned=tuple(p.name for p in record.phase.processors),
            first_chunk=next((f.chunk for f in record.failures if f.chunk is not None), None),
        )
        fans_out = any(p.chunked for p in record.phase.processors)
        attempt = record.retrigger + record.failed_runs
        handle = await workflow.start_child_workflow(
            names.PREDICTIONS if fans_out else names.PHASE,
            request,
            id=phase_workflow_id(day.game_date, record.phase.name, attempt),
            result_type=PhaseResult,
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        if recording is None:
            recording = asyncio.create_task(self._status_rows.write_unless(handle.done, waits))
        while not handle.done():
            await workflow.wait_condition(lambda: handle.done() or bool(self.inbox))
            await self._act_on_messages()
            if self._aborted and not handle.done():
                handle.cancel()
                await workflow.wait_condition(handle.done)
        await recording
        try:
            result = await handle
        except Exception as error:
            if self._aborted and is_cancelled_exception(error):
                return
            raise
        alerted = record.failed_runs > 0
        day.end(record, result, workflow.now())
        if result.ok:
            # The attempt that completed a phase may have left out what an earlier one had done.
            whole = alerted and workflow.patched(HEALS_WHAT_FAILED)
            self._learn(record.results.values() if whole else result.results)
            if alerted and workflow.patched("alerts-end"):
                await day_alerts.end(day.game_date, f"{record.phase.name} completed", record.phase.name)
        elif record.state is PhaseState.WAITING:
            await self._schedule_next_attempt(record)
        elif record.state is PhaseState.COMPLETED:
            day.refreshed_in_part = True
            first = next(f for f in result.failures if f.required)
            await day_alerts.send(day_alerts.not_refreshed(day.game_date, record.phase.name, first))

    def _learn(self, results: Iterable[ProcessorResult]) -> None:
        """A live day learns from its schedule how many games there are."""
        plan = self._day.plan
        for done in results:
            games = done.facts.get("games")
            if plan and done.processor == "scrape_schedule" and isinstance(games, int):
                first_tip = done.facts.get("first_tip")
                tip = datetime.fromisoformat(first_tip) if isinstance(first_tip, str) and first_tip else None
                self._day.plan = plan.model_copy(
                    update={
                        "games": games,
                        "first_tip": plan.first_tip or tip,
                        "deadline": plan.deadline or tip,
                    }
                )

    # ---- parking

    async def _schedule_next_attempt(self, record: PhaseRecord) -> None:
        record.next_attempt = workflow.now() + until_tried_again(record.failed_runs)
        await day_alerts.send(day_alerts.parked(self._day.game_date, record))

    async def _park(self) -> None:
        """Waits for an operator, the next attempt or the deadline, whichever is first."""
        day, now = self._day, workflow.now()
        for record in day.waiting():
            if now >= given_up_at(day, record, self._started_at, now):
                day.give_up(record, now)
            elif not self._paused and record.next_attempt and now >= record.next_attempt:
                record.state = PhaseState.PENDING
                if workflow.patched(HEALS_WHAT_FAILED):
                    record.processors = record.undone()
        waiting = day.waiting()
        if not self._paused and (day.next_phase(self.held) or not waiting):
            return
        await day_alerts.say_if_late(day, self._started_at)
        day.status = DayStatus.PAUSED if self._paused else DayStatus.WAITING
        self.tell()
        await self._status_rows.write()
        self._show(waiting[0].phase.name if waiting else "")
        moments = [given_up_at(day, r, self._started_at, now) for r in waiting]
        if late_at := told_late_at(day, self._started_at):
            moments.append(late_at)
        if not self._paused:
            moments += [r.next_attempt for r in waiting if r.next_attempt]
        timeout = max(min(moments) - workflow.now(), timedelta()) if moments else None

        def called() -> bool:
            released = not self._paused and day.next_phase(self.held) is not None
            return bool(self.inbox) or released

        try:
            await workflow.wait_condition(called, timeout=timeout)
        except TimeoutError:
            return

    async def _hold(self) -> None:
        """Waits for the day before. That time is not lived by this day: its clock stands still."""
        since = workflow.now()
        self._day.message = "waits for the day before"
        self.tell()

        def released() -> bool:
            return bool(self.inbox) or self._day.next_phase(self.held) is not None

        if self._day.unrecorded and workflow.patched(RECORDED_IN_BATCHES):
            await self._status_rows.write_unless(released, self._status_rows.due_within())
        await workflow.wait_condition(released)
        self._started_at += workflow.now() - since
        self._day.message = ""

    # ---- messages

    async def _act_on_messages(self) -> None:
        while self.inbox:
            action, request = self.inbox.popleft()
            claim: ClaimResult = await workflow.execute_activity(
                names.CLAIM_REQUEST,
                Claim(
                    game_date=self._day.game_date,
                    request_id=request.request_id,
                    action=action,
                    reason=request.reason,
                    requested_by=request.requested_by,
                    run_id=workflow.info().run_id,
                ),
                result_type=ClaimResult,
                start_to_close_timeout=BOOKKEEPING_TIMEOUT,
                retry_policy=BOOKKEEPING,
            )
            if not claim.granted:
                self.reject(f"{action}: request {request.request_id} was acted on by an earlier run")
                continue
            self._day.note(workflow.now(), f"{action} by {request.requested_by}: {request.reason}")
            if isinstance(request, Retrigger):
                self._day.ask_again(request.phase, request.processors)
            elif isinstance(request, Skip):
                alerted = self._day.phases[request.phase].failed_runs > 0
                self._skip(request)
                if alerted and workflow.patched("alerts-end"):
                    how = f"skipped by {request.requested_by}"
                    await day_alerts.end(self._day.game_date, how, request.phase)
            elif isinstance(request, Refresh):
                skipped = self._day.skipped_of_refresh()
                if skipped and not workflow.patched("refresh-of-skipped"):
                    skipped = frozenset()
                refused = self._day.refresh(skipped)
                if refused:
                    self.reject(f"refresh: {refused}")
            elif action == "abort":
                self._aborted = f"aborted by {request.requested_by}: {request.reason}"
            else:
                self._paused = action == "pause"
                if not self._paused:
                    self._day.status = DayStatus.RUNNING

    def _skip(self, request: Skip) -> None:
        record = self._day.phases[request.phase]
        if record.state in (PhaseState.RUNNING, PhaseState.COMPLETED):
            self.reject(f"skip: phase {request.phase} is {record.state}")
            return
        self._day.skip(request.phase, workflow.now(), f"skipped by {request.requested_by}: {request.reason}")

    # ---- what the world sees

    @property
    def _as_of(self) -> datetime:
        return self._day.plan.as_of if self._day.plan else self._started_at

    def _show(self, phase: str) -> None:
        workflow.set_current_details(self._day.details())
        workflow.upsert_search_attributes(
            [_STATUS.value_set(str(self._day.status)), _PHASE.value_set(phase or "none")]
        )

    def progress_of_day(self) -> DayProgress:
        """What the day tells who watches it."""
        day = self._day
        return DayProgress(
            game_date=day.game_date,
            status=day.status,
            satisfied=tuple(name for name in day.satisfied() if name in NEEDED_BY_DAY_AFTER),
            ended=day.status in ENDED,
            games=day.plan.games if day.plan else 0,
            message=day.message,
        )

    @workflow.query
    def status(self) -> DayReport:
        """Everything about the day, as a copy."""
        return self._day.report(tuple(self.rejected))

    @workflow.query
    def timeline(self) -> list[TimelineEntry]:
        """What happened, in order."""
        return list(self._day.timeline)

    @workflow.query
    def blockers(self) -> list[Blocker]:
        """What keeps the day from going on."""
        return list(self._day.blockers())
