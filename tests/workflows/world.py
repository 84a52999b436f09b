"""The activities around the workflows, scripted: what a processor does is the test's choice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from shared import models, names
from shared.alerts import AbsenceCheck, AbsenceResult, AlertsInput, AlertsReport, Resolution
from shared.backfill import BackfillPlan, BackfillPlanRequest, BackfillSummary, Kind, PlannedDay
from shared.brief import BriefInput, BriefResult
from shared.clock import days_between
from shared.deployments import DriftInput, DriftKept
from shared.evaluation import (
    EvaluateInput,
    EvaluationPlan,
    EvaluationResult,
    EvaluationSegment,
    ReportRequest,
    SegmentRequest,
)
from shared.grid import GridInput, StatusGrid
from shared.health import HealthInput, HealthReport
from shared.ids import daily_workflow_id
from shared.jobs import (
    BoxScoreCounts,
    DaySummary,
    DaySummaryInput,
    HistoryChunk,
    HistoryChunkRequest,
    HistoryChunkResult,
    HistoryPlan,
    LineChunk,
    LineChunkRequest,
    LineChunkResult,
    LinePlan,
    LoadHistoryInput,
    LoadLinesInput,
    QueryInput,
    QueryResult,
    TrainInput,
    TrainResult,
)
from shared.messages import (
    Alert,
    ChunkCount,
    Claim,
    ClaimResult,
    DailyPipelineInput,
    DayPlan,
    DayReport,
    PlanRequest,
    ProcessorRequest,
    ProcessorResult,
    Transition,
    Transitions,
)
from shared.operator_actions import ActionKept, OperatorAction
from shared.phases import processor_named
from shared.predeploy import Finding, PredeployInput, PredeployResult
from shared.reconcile import (
    Found,
    ReconcilePlan,
    ReconcilePlanRequest,
    ReconcileRecord,
    SweepRequest,
    SweepResult,
)
from shared.refresh import RefreshPlan, RefreshPlanRequest
from shared.sources import SourcesInput, SourcesReport
from shared.validation import CheckReport, SchemaCheckInput, SpotCheckInput, ValidateInput
from worker.served import SANDBOX, WORKFLOWS
from workflows import daily_pipeline

Behaviour = Callable[[ProcessorRequest], Awaitable[None]]

_days = count()


def fresh_day() -> date:
    """A date that no other test of this session has used: its id is its lock."""
    return date(2100, 1, 1) + timedelta(days=next(_days))


def fresh_days(number: int) -> list[date]:
    """Consecutive dates that no other test of this session has used."""
    return [fresh_day() for _ in range(number)]


class World:
    """Scripted activities and a record of what was asked of them."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.behaviours: dict[str, Behaviour] = {}
        self.refusals: dict[str, str] = {}
        self.claims: dict[tuple[date, str], str] = {}
        self.recorded: list[Transitions] = []
        """What each write of status rows was of, in order."""
        self.may_record = asyncio.Event()
        """While it is not set, the warehouse takes no transitions."""
        self.may_record.set()
        self.alerts: list[Alert] = []
        self.resolutions: list[Resolution] = []
        self.absence_checks: list[AbsenceCheck] = []
        self.alerted = False
        """Whether an earlier run of the day has told what has not ended."""
        self.mute = False
        """Whether the activities that tell people fail."""
        self.completed: tuple[str, ...] = ()
        self.until_tip = timedelta(hours=5)
        self.games = 11
        self.chunks = 3
        self.facts: dict[str, dict[str, str | int | float | bool]] = {}
        """By processor: what its result says beside its rows."""
        self.usual_seconds: dict[str, float] = {}
        self.began: list[tuple[date, str]] = []
        """Game date and processor of every run, in the order in which they began."""
        self.retriggers: dict[date, tuple[str, ...]] = {}
        """Dates that a backfill finds stale, and what it re-triggers of them; all others are missing."""
        self.refusal = ""
        """Why a backfill's dates can't be served by a model."""
        self.backfills: list[BackfillSummary] = []
        self.not_due = ""
        """Why there is nothing to refresh; empty if there is."""
        self.refresh_plans: list[RefreshPlanRequest] = []
        self.found: tuple[Found, ...] = ()
        """What there is to reconcile."""
        self.reconciled: list[ReconcileRecord] = []

    @property
    def transitions(self) -> list[Transition]:
        """All that was recorded."""
        return [transition for batch in self.recorded for transition in batch.transitions]

    def fails(self, processor: str, error: str = "SchemaViolation", *, times: int = 1_000) -> None:
        """Makes a processor fail without retries, so many times."""

        async def behaviour(request: ProcessorRequest) -> None:
            if self.runs[processor] <= times:
                raise ApplicationError(f"{processor} is broken", type=error, non_retryable=True)

        self.behaviours[processor] = behaviour

    def fails_in_chunk(self, processor: str, chunk: int, *, times: int) -> None:
        """Makes one chunk of a processor fail without retries, so many times."""
        left = [None] * times

        async def behaviour(request: ProcessorRequest) -> None:
            if request.chunk == chunk and left:
                left.pop()
                raise ApplicationError(f"{processor} is broken", type="Broken", non_retryable=True)

        self.behaviours[processor] = behaviour

    def blocks(self, processor: str) -> tuple[asyncio.Event, asyncio.Event]:
        """Makes a processor's first run wait. Returns (it has begun, it may go on)."""
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def behaviour(request: ProcessorRequest) -> None:
            begun.set()
            while not go_on.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.02)

        self.behaviours[processor] = behaviour
        return begun, go_on

    @activity.defn(name=names.PLAN_DAY)
    async def plan_day(self, request: PlanRequest) -> DayPlan:
        as_of = datetime(2100, 1, 1, tzinfo=UTC)
        return DayPlan(
            game_date=request.game_date,
            source="simulated",
            as_of=as_of,
            first_tip=as_of + self.until_tip,
            deadline=as_of + self.until_tip,
            games=self.games,
            usual_seconds=self.usual_seconds,
            completed_phases=self.completed,
            alerted=self.alerted,
        )

    @activity.defn(name=names.PLAN_REFRESH)
    async def plan_refresh(self, request: RefreshPlanRequest) -> RefreshPlan:
        self.refresh_plans.append(request)
        return RefreshPlan(due=not self.not_due, reason=self.not_due or "3 of 11 games have not begun")

    @activity.defn(name=names.PLAN_RECONCILE)
    async def plan_reconcile(self, request: ReconcilePlanRequest) -> ReconcilePlan:
        return ReconcilePlan(start=request.start, end=request.end, found=self.found)

    @activity.defn(name=names.SWEEP_STAGING)
    async def sweep_staging(self, request: SweepRequest) -> SweepResult:
        return SweepResult(dropped=2)

    @activity.defn(name=names.RECORD_RECONCILE)
    async def record_reconcile(self, record: ReconcileRecord) -> None:
        self.reconciled.append(record)

    @activity.defn(name=names.RUN_PROCESSOR)
    async def run_processor(self, request: ProcessorRequest) -> ProcessorResult:
        self.runs[request.processor] += 1
        self.began.append((request.game_date, request.processor))
        if request.processor in self.behaviours:
            await self.behaviours[request.processor](request)
        processor = processor_named(request.processor)
        return ProcessorResult(
            processor=processor.name, table=processor.table, rows=7, content_hash="h",
            write_key="k", staged=f"s{request.chunk}" if processor.chunked else "",
            facts=self.facts.get(processor.name, {}),
        )  # fmt: skip

    @activity.defn(name=names.COUNT_CHUNKS)
    async def count_prediction_chunks(self, request: ProcessorRequest) -> ChunkCount:
        return ChunkCount(chunks=self.chunks, players=50 * self.chunks)

    @activity.defn(name=names.RECORD_TRANSITIONS)
    async def record_transitions(self, batch: Transitions) -> None:
        await self.may_record.wait()
        self.recorded.append(batch)

    @activity.defn(name=names.CLAIM_REQUEST)
    async def claim_request(self, claim: Claim) -> ClaimResult:
        holder = self.claims.setdefault((claim.game_date, claim.request_id), claim.run_id)
        return ClaimResult(granted=holder == claim.run_id, held_by=holder)

    @activity.defn(name=names.PLAN_HISTORY)
    async def plan_history(self, request: LoadHistoryInput) -> HistoryPlan:
        months = [(date(2100, m, 1), date(2100, m, 28)) for m in (1, 2, 3)]
        chunks = tuple(HistoryChunk(season="2099-00", first=a, last=b) for a, b in months)
        return HistoryPlan(chunks=chunks)

    @activity.defn(name=names.PLAN_LINES)
    async def plan_lines(self, request: LoadLinesInput) -> LinePlan:
        return LinePlan(chunks=tuple(LineChunk(dates=(date(2100, m, 1), date(2100, m, 2))) for m in (1, 2)))

    @activity.defn(name=names.LOAD_LINE_CHUNK)
    async def load_line_chunk(self, request: LineChunkRequest) -> LineChunkResult:
        self.runs["load_line_chunk"] += 1
        if "load_line_chunk" in self.refusals:
            raise ApplicationError(
                self.refusals["load_line_chunk"], type="AuthenticationError", non_retryable=True
            )
        return LineChunkResult(dates=2, rows=40)

    @activity.defn(name=names.LOAD_HISTORY_CHUNK)
    async def load_history_chunk(self, request: HistoryChunkRequest) -> HistoryChunkResult:
        self.runs[str(request.chunk.first)] += 1
        return HistoryChunkResult(games=100, players=2_000)

    @activity.defn(name=names.TRAIN_MODEL_ACTIVITY)
    async def train_model(self, request: TrainInput) -> TrainResult:
        return TrainResult(
            model_id="m", system=request.system, trained_through=request.trained_through, rows=1, checksum="c"
        )

    @activity.defn(name=names.PROMOTE_MODEL_ACTIVITY)
    async def promote_model(self, request: models.PromoteInput) -> models.ModelDecision:
        return _decided("promote", request.model_id, request.approved_by, request.reason)

    @activity.defn(name=names.ROLLBACK_MODEL_ACTIVITY)
    async def rollback_model(self, request: models.RollbackInput) -> models.ModelDecision:
        return _decided("rollback", "m0", request.approved_by, request.reason)

    @activity.defn(name=names.SHADOW_MODEL_ACTIVITY)
    async def shadow_model(self, request: models.ShadowInput) -> models.ModelDecision:
        return _decided("shadow", request.model_id, request.requested_by, request.reason)

    @activity.defn(name=names.COMPARE_MODELS_ACTIVITY)
    async def compare_models(self, request: models.CompareInput) -> models.ModelComparison:
        metrics = {"all": {"n": 100.0, "mae": 4.6, "rmse": 6.1, "bias": -0.2}}
        return models.ModelComparison(
            model_a=request.model_a, model_b=request.model_b, same_rows=True, first=date(2100, 4, 2),
            last=date(2100, 4, 9), metrics_a=metrics, metrics_b=metrics,
        )  # fmt: skip

    @activity.defn(name=names.LIST_MODELS_ACTIVITY)
    async def list_models(self, request: models.ListModelsInput) -> models.ModelList:
        return models.ModelList(decisions=(_decided("bootstrap", "m0", "tipoff", "test"),))

    @activity.defn(name=names.RUN_QUERY)
    async def run_query(self, request: QueryInput) -> QueryResult:
        return QueryResult(columns=("n",), rows=((1,),), total_rows=1)

    @activity.defn(name=names.STATUS_GRID_ACTIVITY)
    async def status_grid(self, request: GridInput) -> StatusGrid:
        return StatusGrid(days=())

    @activity.defn(name=names.WRITE_BRIEF)
    async def write_brief(self, request: BriefInput) -> BriefResult:
        day = date(2100, 1, 1)
        return BriefResult(game_date=day, waiting=0, markdown="", markdown_path="", html_path="")

    @activity.defn(name=names.HEALTH_ACTIVITY)
    async def check_health(self, request: HealthInput) -> HealthReport:
        return HealthReport(findings=())

    @activity.defn(name=names.DAY_SUMMARY_ACTIVITY)
    async def day_summary(self, request: DaySummaryInput) -> DaySummary:
        boxes = BoxScoreCounts(games=1, players=26, points=217)
        return DaySummary(
            game_date=request.game_date, source="simulated", games=11, box_scores=boxes,
            players_with_line=178, predicted={}, predicted_with_line={},
        )  # fmt: skip

    @activity.defn(name=names.PREDEPLOY_ACTIVITY)
    async def check_predeploy(self, request: PredeployInput) -> PredeployResult:
        finding = Finding(check="contract_frozen", status="ok", observed="33 features", expected="33")
        return PredeployResult(findings=(finding,))

    @activity.defn(name=names.RECORD_DRIFT)
    async def record_drift(self, request: DriftInput) -> DriftKept:
        return DriftKept(rows=len(request.findings))

    @activity.defn(name=names.VALIDATE_ACTIVITY)
    async def validate(self, request: ValidateInput) -> CheckReport:
        return CheckReport(validator="validate", subject="2100-01-01", judged=1)

    @activity.defn(name=names.SPOT_CHECK_ACTIVITY)
    async def spot_check(self, request: SpotCheckInput) -> CheckReport:
        return CheckReport(validator="spot-check", subject="50 player-days", judged=1)

    @activity.defn(name=names.SCHEMA_CHECK_ACTIVITY)
    async def check_schema(self, request: SchemaCheckInput) -> CheckReport:
        return CheckReport(validator="schema check", subject="38 tables", judged=1)

    @activity.defn(name=names.KEEP_ACTION)
    async def keep_action(self, request: OperatorAction) -> ActionKept:
        return ActionKept(rows=1)

    @activity.defn(name=names.LOOK_AT_SOURCES)
    async def look_at_sources(self, request: SourcesInput) -> SourcesReport:
        return SourcesReport(sources=())

    @activity.defn(name=names.PREPARE_EVALUATION)
    async def prepare_evaluation(self, request: EvaluateInput) -> EvaluationPlan:
        segments = tuple(EvaluationSegment(first=day, last=day) for day in (request.start, request.end))
        return EvaluationPlan(rows="evaluation/rows", segments=segments)

    @activity.defn(name=names.EVALUATE_SEGMENT)
    async def evaluate_segment(self, request: SegmentRequest) -> str:
        return f"evaluation/{request.segment.first}-{len(request.earlier)}"

    @activity.defn(name=names.REPORT_EVALUATION)
    async def report_evaluation(self, request: ReportRequest) -> EvaluationResult:
        return EvaluationResult(
            evaluation_id="e", json_path="e.json", html_path="e.html", rows=len(request.predicted),
            canaries={"last_5_correlation": "pass"},
        )  # fmt: skip

    @activity.defn(name=names.PLAN_BACKFILL)
    async def plan_backfill(self, request: BackfillPlanRequest) -> BackfillPlan:
        ahead = [
            PlannedDay(
                game_date=day,
                kind=Kind.STALE if day in self.retriggers else Kind.MISSING,
                reason="test",
                phases=self.retriggers.get(day, ()),
            )
            for day in days_between(request.following, request.end)
        ]
        rest = ahead[request.limit :]
        return BackfillPlan(
            counts={"missing": len(ahead)},
            chosen=len(ahead),
            days=tuple(ahead[: request.limit]),
            following=rest[0].game_date if rest else None,
            champion=False,
            refusal=self.refusal,
        )

    @activity.defn(name=names.RECORD_BACKFILL)
    async def record_backfill(self, summary: BackfillSummary) -> None:
        self.backfills.append(summary)

    @activity.defn(name=names.RESOLVE_ALERTS)
    async def resolve_alerts(self, resolution: Resolution) -> None:
        self._unless_mute()
        self.resolutions.append(resolution)

    @activity.defn(name=names.LOOK_AT_ALERTS)
    async def look_at_alerts(self, request: AlertsInput) -> AlertsReport:
        return AlertsReport(channels=())

    @activity.defn(name=names.CHECK_ABSENCE)
    async def check_absence(self, check: AbsenceCheck) -> AbsenceResult:
        self.absence_checks.append(check)
        return AbsenceResult(game_date=check.game_date, absent=check.now >= check.due)

    @activity.defn(name=names.SEND_ALERT)
    async def send_alert(self, alert: Alert) -> None:
        self._unless_mute()
        self.alerts.append(alert)

    def _unless_mute(self) -> None:
        if self.mute:
            raise ApplicationError("nobody can be told", type="ConfigurationError", non_retryable=True)


def _decided(action: str, model_id: str, who: str, reason: str) -> models.ModelDecision:
    return models.ModelDecision(
        decision_id="d", system="xgboost_v1", model_id=model_id, action=action, decided_by=who,
        reason=reason, effective_from=date(2100, 4, 2), decided_at=datetime(2100, 4, 2, tzinfo=UTC),
    )  # fmt: skip


class Day:
    """One day under test."""

    def __init__(self, client: Client, world: World, task_queue: str) -> None:
        self.client = client
        self.world = world
        self.task_queue = task_queue
        self.date = fresh_day()

    async def start(self, **fields: Any) -> WorkflowHandle[Any, DayReport]:
        """Starts it."""
        return await self.client.start_workflow(
            names.DAILY_PIPELINE,
            DailyPipelineInput(game_date=self.date, **fields),
            id=daily_workflow_id(self.date),
            task_queue=self.task_queue,
            result_type=DayReport,
        )

    async def start_date(self, on: date) -> WorkflowHandle[Any, DayReport]:
        """Starts another date's day."""
        return await self.client.start_workflow(
            names.DAILY_PIPELINE, DailyPipelineInput(game_date=on), id=daily_workflow_id(on),
            task_queue=self.task_queue, result_type=DayReport,
        )  # fmt: skip

    async def start_again(
        self, phase: str, request_id: str | None = None, **fields: Any
    ) -> WorkflowHandle[Any, DayReport]:
        """Signal-with-start, as `tipoff retrigger` does after completion."""
        return await self.client.start_workflow(
            names.DAILY_PIPELINE,
            DailyPipelineInput(game_date=self.date),
            id=daily_workflow_id(self.date),
            task_queue=self.task_queue,
            result_type=DayReport,
            start_signal="retrigger",
            start_signal_args=[self.retrigger(phase, request_id, **fields)],
        )

    def retrigger(self, phase: str, request_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """A re-trigger as the plain command line would send it."""
        return {
            "request_id": request_id or uuid4().hex, "phase": phase, "reason": "test",
            "requested_by": "tester", **fields,
        }  # fmt: skip

    def request(self, **fields: Any) -> dict[str, Any]:
        """Any other request."""
        return {"request_id": uuid4().hex, "reason": "test", "requested_by": "tester", **fields}


@asynccontextmanager
async def running_worker(
    client: Client,
    world: World,
    *,
    max_cached_workflows: int = 100,
    task_queue: str = "",
    hurried: bool = False,
) -> AsyncIterator[Day]:
    """A worker of the real workflows over scripted activities, by default on a queue of its own.

    Where it is hurried, a phase that waits is tried again at once instead of minutes later: outside the
    sandbox, which imports the workflows anew for each run.
    """
    queue = task_queue or f"test-{uuid4().hex}"
    with ExitStack() as stack:
        if hurried:
            at_once = timedelta(milliseconds=1)
            stack.enter_context(patch.object(daily_pipeline, "until_tried_again", lambda _runs: at_once))
        async with Worker(
            client,
            task_queue=queue,
            workflows=list(WORKFLOWS),
            activities=[
                world.plan_reconcile, world.sweep_staging, world.record_reconcile,
                world.plan_day, world.plan_refresh, world.run_processor, world.count_prediction_chunks,
                world.record_transitions,
                world.claim_request, world.send_alert, world.resolve_alerts, world.look_at_alerts,
                world.check_absence, world.plan_history, world.load_history_chunk,
                world.plan_lines, world.load_line_chunk, world.status_grid, world.check_health,
                world.write_brief, world.train_model,
                world.promote_model, world.rollback_model, world.shadow_model, world.compare_models,
                world.list_models, world.run_query, world.day_summary,
                world.check_predeploy, world.record_drift, world.keep_action, world.prepare_evaluation,
                world.evaluate_segment, world.report_evaluation, world.plan_backfill, world.record_backfill,
                world.validate, world.spot_check, world.check_schema, world.look_at_sources,
            ],
            workflow_runner=UnsandboxedWorkflowRunner() if hurried else SANDBOX,
            max_cached_workflows=max_cached_workflows,
        ):  # fmt: skip
            yield Day(client, world, queue)


async def status_of(handle: WorkflowHandle[Any, Any]) -> DayReport:
    """The answer of the `status` query."""
    return await handle.query("status", result_type=DayReport)


async def assert_eventually(
    check: Callable[[], Awaitable[bool]], *, timeout: float = 20, interval: float = 0.05
) -> None:
    """Waits until a condition holds, and fails if it never does."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not await check():
        assert asyncio.get_running_loop().time() < deadline, "the condition never held"
        await asyncio.sleep(interval)
