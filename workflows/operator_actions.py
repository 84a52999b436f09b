"""Keeps who changed what, and why: started before the change is made, done as soon as a worker is there."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.names import KEEP_ACTION, RECORD_ACTION
    from shared.operator_actions import ActionKept, OperatorAction


@workflow.defn(name=RECORD_ACTION, failure_exception_types=[ValidationError])
class RecordActionWorkflow:
    """One action."""

    @workflow.run
    async def run(self, request: OperatorAction) -> ActionKept:
        """One row."""
        return await one_activity(KEEP_ACTION, request, ActionKept, timedelta(minutes=1))
