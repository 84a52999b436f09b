"""Asks whether code that is about to be deployed fits the models and rows that are there."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.names import PREDEPLOY, PREDEPLOY_ACTIVITY
    from shared.predeploy import PredeployInput, PredeployResult


@workflow.defn(name=PREDEPLOY, failure_exception_types=[ValidationError])
class PredeployWorkflow:
    """Compares on the worker that runs now: it has the models and the warehouse."""

    @workflow.run
    async def run(self, request: PredeployInput) -> PredeployResult:
        """Every finding, those that are well included."""
        return await one_activity(PREDEPLOY_ACTIVITY, request, PredeployResult, timedelta(minutes=2))
