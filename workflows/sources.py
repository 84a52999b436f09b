"""How the sources stand, and that one which was left alone is asked again."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.names import LOOK_AT_SOURCES, SOURCES
    from shared.sources import SourcesInput, SourcesReport


@workflow.defn(name=SOURCES, failure_exception_types=[ValidationError])
class SourcesWorkflow:
    """One look at the breakers, after one of them was closed if that is asked for."""

    @workflow.run
    async def run(self, request: SourcesInput) -> SourcesReport:
        """One activity."""
        return await one_activity(LOOK_AT_SOURCES, request, SourcesReport, timedelta(minutes=2))
