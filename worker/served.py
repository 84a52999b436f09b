"""The workflows that a worker serves, and the sandbox they run in."""

from __future__ import annotations

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.alerts import AbsenceAlarmWorkflow, AlertsWorkflow
from workflows.backfill import BackfillWorkflow, UpgradedBackfillWorkflow
from workflows.brief import BriefWorkflow
from workflows.daily_pipeline import DailyPipelineWorkflow
from workflows.drift import CheckDriftWorkflow
from workflows.evaluation import EvaluateWorkflow
from workflows.history import LoadHistoryWorkflow
from workflows.launch import LaunchDailyPipelineWorkflow
from workflows.line_history import LoadLinesWorkflow
from workflows.models import (
    CompareModelsWorkflow,
    ListModelsWorkflow,
    PromoteModelWorkflow,
    RollbackModelWorkflow,
    ShadowModelWorkflow,
)
from workflows.operator_actions import RecordActionWorkflow
from workflows.phase import PhaseWorkflow
from workflows.predeploy import PredeployWorkflow
from workflows.predictions import PredictionsWorkflow
from workflows.queries import DaySummaryWorkflow, HealthWorkflow, QueryWorkflow, StatusGridWorkflow
from workflows.reconcile import ReconcileWorkflow
from workflows.refresh import RefreshDayWorkflow
from workflows.sources import SourcesWorkflow
from workflows.training import TrainModelWorkflow
from workflows.validation import SchemaCheckWorkflow, SpotCheckWorkflow, ValidateWorkflow

WORKFLOWS: tuple[type, ...] = (
    DailyPipelineWorkflow,
    PhaseWorkflow,
    PredictionsWorkflow,
    LaunchDailyPipelineWorkflow,
    RefreshDayWorkflow,
    LoadHistoryWorkflow,
    LoadLinesWorkflow,
    TrainModelWorkflow,
    PromoteModelWorkflow,
    RollbackModelWorkflow,
    ShadowModelWorkflow,
    CompareModelsWorkflow,
    ListModelsWorkflow,
    QueryWorkflow,
    DaySummaryWorkflow,
    StatusGridWorkflow,
    HealthWorkflow,
    SourcesWorkflow,
    BriefWorkflow,
    PredeployWorkflow,
    CheckDriftWorkflow,
    RecordActionWorkflow,
    EvaluateWorkflow,
    BackfillWorkflow,
    ReconcileWorkflow,
    ValidateWorkflow,
    SpotCheckWorkflow,
    SchemaCheckWorkflow,
    AlertsWorkflow,
    AbsenceAlarmWorkflow,
)


def served_workflows(*, versioned: bool) -> list[type]:
    """Those of a worker whose days are pinned to its build, or of one that isn't versioned."""
    return [UpgradedBackfillWorkflow if versioned and w is BackfillWorkflow else w for w in WORKFLOWS]


SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "shared", "pydantic", "pydantic_core", "annotated_types", "typing_extensions"
    )
)
