"""Asks whether code that is about to be deployed fits the models and rows that are there."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import HEARTBEAT_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.messages import PREDEPLOY, PREDEPLOY_ACTIVITY
    from shared.predeploy import PredeployInput, PredeployResult


@workflow.defn(name=PREDEPLOY, failure_exception_types=[ValidationError])
class PredeployWorkflow:
    """Compares on the worker that runs now: it has the models and the warehouse."""

    @workflow.run
    async def run(self, request: PredeployInput) -> PredeployResult:
        """Every finding, those that are well included."""
        result: PredeployResult = await workflow.execute_activity(
            PREDEPLOY_ACTIVITY,
            request,
            result_type=PredeployResult,
            start_to_close_timeout=timedelta(minutes=2),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=retry_policy("warehouse"),
        )
        return result
