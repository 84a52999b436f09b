"""Keeps what `tipoff check-drift` found: which builds ran beside the one that should."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.deployments import DriftInput, DriftKept
    from shared.names import CHECK_DRIFT, RECORD_DRIFT


@workflow.defn(name=CHECK_DRIFT, failure_exception_types=[ValidationError])
class CheckDriftWorkflow:
    """The command line knows checkout and server, the worker the warehouse."""

    @workflow.run
    async def run(self, request: DriftInput) -> DriftKept:
        """Writes the findings as rows of `quality_results`."""
        return await one_activity(RECORD_DRIFT, request, DriftKept, timedelta(minutes=1))
