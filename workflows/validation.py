"""The validators, on the worker that runs now: it has the warehouse. Each records what it found."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.names import (
        SCHEMA_CHECK,
        SCHEMA_CHECK_ACTIVITY,
        SPOT_CHECK,
        SPOT_CHECK_ACTIVITY,
        VALIDATE,
        VALIDATE_ACTIVITY,
    )
    from shared.validation import CheckReport, SchemaCheckInput, SpotCheckInput, ValidateInput


@workflow.defn(name=VALIDATE, failure_exception_types=[ValidationError])
class ValidateWorkflow:
    """Whether dates that were run are what they should be."""

    @workflow.run
    async def run(self, request: ValidateInput) -> CheckReport:
        """One finding a check."""
        return await one_activity(VALIDATE_ACTIVITY, request, CheckReport, timedelta(hours=1))


@workflow.defn(name=SPOT_CHECK, failure_exception_types=[ValidationError])
class SpotCheckWorkflow:
    """Whether stored figures come out again when computed from the raw rows by other code."""

    @workflow.run
    async def run(self, request: SpotCheckInput) -> CheckReport:
        """One finding a figure."""
        return await one_activity(SPOT_CHECK_ACTIVITY, request, CheckReport, timedelta(hours=1))


@workflow.defn(name=SCHEMA_CHECK, failure_exception_types=[ValidationError])
class SchemaCheckWorkflow:
    """Whether the live tables are as the DDL has them."""

    @workflow.run
    async def run(self, request: SchemaCheckInput) -> CheckReport:
        """One finding a table."""
        return await one_activity(SCHEMA_CHECK_ACTIVITY, request, CheckReport, timedelta(minutes=5))
