"""The life of a model after its training: shadowed, compared, promoted, rolled back, listed."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.models import (
        CompareInput,
        ListModelsInput,
        ModelComparison,
        ModelDecision,
        ModelList,
        PromoteInput,
        RollbackInput,
        ShadowInput,
    )
    from shared.names import (
        COMPARE_MODELS,
        COMPARE_MODELS_ACTIVITY,
        LIST_MODELS,
        LIST_MODELS_ACTIVITY,
        PROMOTE_MODEL,
        PROMOTE_MODEL_ACTIVITY,
        ROLLBACK_MODEL,
        ROLLBACK_MODEL_ACTIVITY,
        SHADOW_MODEL,
        SHADOW_MODEL_ACTIVITY,
    )

TIME = timedelta(minutes=10)
"""Of an activity of the registry; it repeats nothing when it is tried again."""


@workflow.defn(name=PROMOTE_MODEL, failure_exception_types=[ValidationError])
class PromoteModelWorkflow:
    """One promotion: checked, decided, made visible."""

    @workflow.run
    async def run(self, request: PromoteInput) -> ModelDecision:
        """The decision that makes it champion."""
        return await one_activity(PROMOTE_MODEL_ACTIVITY, request, ModelDecision, TIME)


@workflow.defn(name=ROLLBACK_MODEL, failure_exception_types=[ValidationError])
class RollbackModelWorkflow:
    """One return to the champion before the present one."""

    @workflow.run
    async def run(self, request: RollbackInput) -> ModelDecision:
        """The decision that makes it champion again."""
        return await one_activity(ROLLBACK_MODEL_ACTIVITY, request, ModelDecision, TIME)


@workflow.defn(name=SHADOW_MODEL, failure_exception_types=[ValidationError])
class ShadowModelWorkflow:
    """A model shadows the champion from a date on, or no longer."""

    @workflow.run
    async def run(self, request: ShadowInput) -> ModelDecision:
        """The decision about it."""
        return await one_activity(SHADOW_MODEL_ACTIVITY, request, ModelDecision, TIME)


@workflow.defn(name=COMPARE_MODELS, failure_exception_types=[ValidationError])
class CompareModelsWorkflow:
    """Two models on the games that neither has seen."""

    @workflow.run
    async def run(self, request: CompareInput) -> ModelComparison:
        """Their metrics by segment."""
        return await one_activity(COMPARE_MODELS_ACTIVITY, request, ModelComparison, TIME)


@workflow.defn(name=LIST_MODELS, failure_exception_types=[ValidationError])
class ListModelsWorkflow:
    """The registered models and what was decided about them."""

    @workflow.run
    async def run(self, request: ListModelsInput) -> ModelList:
        """All of them, a system's, or one."""
        return await one_activity(LIST_MODELS_ACTIVITY, request, ModelList, TIME)
