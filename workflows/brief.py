"""Writes a day's hand-over document on request; the day itself writes one in its last phase."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.brief import BriefInput, BriefResult
    from shared.names import BRIEF, WRITE_BRIEF


@workflow.defn(name=BRIEF, failure_exception_types=[ValidationError])
class BriefWorkflow:
    """One brief."""

    @workflow.run
    async def run(self, request: BriefInput) -> BriefResult:
        """One activity."""
        return await one_activity(WRITE_BRIEF, request, BriefResult, timedelta(minutes=2))
