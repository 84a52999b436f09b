"""Which activities a worker serves, and the worker itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.alerts.telling import AlertActivities
from activities.operations.backfill import BackfillPlanner
from activities.operations.brief import BriefWriter
from activities.operations.drift import DriftKeeper
from activities.operations.evaluation import Evaluator
from activities.operations.grid import GridKeeper
from activities.operations.health import HealthChecks
from activities.operations.history import HistoryLoader
from activities.operations.line_history import LineLoader
from activities.operations.model_registry import ModelRegistry
from activities.operations.models import ModelTrainer
from activities.operations.operator_actions import ActionKeeper
from activities.operations.planning import DayPlanner
from activities.operations.predeploy import PredeployChecks
from activities.operations.queries import Questions
from activities.operations.reconcile import Reconciler
from activities.operations.refresh import RefreshPlanner
from activities.operations.schema_check import SchemaChecker
from activities.operations.sources import SourceDesk
from activities.operations.spot_check import SpotChecker
from activities.operations.status import StatusRecorder
from activities.operations.validation import Validator
from activities.runner import ProcessorRunner
from activities.surroundings import Surroundings
from shared.build import build_id
from shared.config import Settings, redactor
from worker.redaction import RedactedFailures
from worker.served import SANDBOX, served_workflows

UNVERSIONED = "tipoff"
"""The deployment under which an unversioned worker tells its build: `check-drift` reads it there."""

GRACE = timedelta(seconds=30)
"""How long a stopping worker lets its activities finish: longer than the longest chunk."""


STICKY = timedelta(seconds=3)
"""How long a task waits for the worker that has its workflow in its cache: after that any may have it, and
replays. The SDK's 10 s are what a day stands still when its worker was killed."""


def activities_of(surroundings: Surroundings) -> Sequence[Callable[..., Any]]:
    """Every activity, over one warehouse.

    Raises:
        ConfigurationError: a processor of the registry can't be loaded.
    """
    runner = ProcessorRunner(surroundings)
    recorder = StatusRecorder(surroundings)
    history = HistoryLoader(surroundings)
    lines = LineLoader(surroundings)
    questions = Questions(surroundings)
    registry = ModelRegistry(surroundings)
    evaluator = Evaluator(surroundings)
    alerts = AlertActivities(surroundings)
    backfills = BackfillPlanner(surroundings)
    reconciler = Reconciler(surroundings)
    return (
        runner.run_processor,
        runner.count_prediction_chunks,
        recorder.record_transitions,
        recorder.claim_request,
        DayPlanner(surroundings).plan_day,
        RefreshPlanner(surroundings).plan_refresh,
        history.plan_history,
        history.load_history_chunk,
        lines.plan_lines,
        lines.load_line_chunk,
        ModelTrainer(surroundings).train_model,
        registry.promote_model,
        registry.rollback_model,
        registry.shadow_model,
        registry.compare_models,
        registry.list_models,
        questions.run_query,
        questions.day_summary,
        GridKeeper(surroundings).status_grid,
        HealthChecks(surroundings).check_health,
        SourceDesk(surroundings).look_at_sources,
        BriefWriter(surroundings).write_brief,
        PredeployChecks(surroundings).check_predeploy,
        DriftKeeper(surroundings).record_drift,
        Validator(surroundings).validate,
        SpotChecker(surroundings).spot_check,
        SchemaChecker(surroundings).check_schema,
        ActionKeeper(surroundings).keep_action,
        evaluator.prepare_evaluation,
        evaluator.evaluate_segment,
        evaluator.report_evaluation,
        backfills.plan_backfill,
        backfills.record_backfill,
        reconciler.plan_reconcile,
        reconciler.sweep_staging,
        reconciler.record_reconcile,
        alerts.send_alert,
        alerts.resolve_alerts,
        alerts.look_at_alerts,
        alerts.check_absence,
    )


def deployment_of(settings: Settings) -> WorkerDeploymentConfig:
    """Which build this is, and whether the server keeps what it began on it.

    Days are pinned to the build that began them; a backfill names its own behaviour.
    """
    versioned = bool(settings.deployment)
    version = WorkerDeploymentVersion(settings.deployment or UNVERSIONED, build_id(settings.build_id))
    if not versioned:
        return WorkerDeploymentConfig(version=version, use_worker_versioning=False)
    return WorkerDeploymentConfig(
        version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
    )


def new_worker(
    client: Client,
    surroundings: Surroundings,
    threads: ThreadPoolExecutor,
    *,
    max_cached_workflows: int = 200,
) -> Worker:
    """A worker with as many activity slots as the pool has threads: pandas and DuckDB block."""
    settings = surroundings.settings
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=served_workflows(versioned=bool(settings.deployment)),
        activities=list(activities_of(surroundings)),
        activity_executor=threads,
        max_concurrent_activities=settings.worker_threads,
        max_cached_workflows=max_cached_workflows,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_runner=SANDBOX,
        interceptors=[RedactedFailures(redactor(settings))],
        deployment_config=deployment_of(settings),
        graceful_shutdown_timeout=GRACE,
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
    )
