"""Questions to the warehouse, asked through a workflow so that they work while the worker holds it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity, retry_policy

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.grid import GridInput, StatusGrid
    from shared.health import HealthInput, HealthReport
    from shared.jobs import DaySummary, DaySummaryInput, QueryInput, QueryResult
    from shared.names import (
        DAY_SUMMARY,
        DAY_SUMMARY_ACTIVITY,
        HEALTH,
        HEALTH_ACTIVITY,
        QUERY,
        RUN_QUERY,
        STATUS_GRID,
        STATUS_GRID_ACTIVITY,
    )


@workflow.defn(name=QUERY, failure_exception_types=[ValidationError])
class QueryWorkflow:
    """One SELECT in BigQuery's dialect, on whichever engine the worker has."""

    @workflow.run
    async def run(self, request: QueryInput) -> QueryResult:
        """The first rows, and a reference to the rest."""
        result: QueryResult = await workflow.execute_activity(
            RUN_QUERY,
            request,
            result_type=QueryResult,
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=retry_policy("warehouse"),
        )
        return result


@workflow.defn(name=DAY_SUMMARY, failure_exception_types=[ValidationError])
class DaySummaryWorkflow:
    """A day's figures from the warehouse."""

    @workflow.run
    async def run(self, request: DaySummaryInput) -> DaySummary:
        """Counts, withheld players, and table hashes if asked for."""
        return await one_activity(DAY_SUMMARY_ACTIVITY, request, DaySummary, timedelta(minutes=5))


@workflow.defn(name=STATUS_GRID, failure_exception_types=[ValidationError])
class StatusGridWorkflow:
    """A stretch of dates by phases."""

    @workflow.run
    async def run(self, request: GridInput) -> StatusGrid:
        """One read."""
        return await one_activity(STATUS_GRID_ACTIVITY, request, StatusGrid, timedelta(minutes=5))


@workflow.defn(name=HEALTH, failure_exception_types=[ValidationError])
class HealthWorkflow:
    """How the worker finds what is behind it."""

    @workflow.run
    async def run(self, request: HealthInput) -> HealthReport:
        """One look."""
        return await one_activity(HEALTH_ACTIVITY, request, HealthReport, timedelta(minutes=2))
