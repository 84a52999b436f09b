"""Trains a prediction system on the games up to a date and registers the artefact."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import HEARTBEAT_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.jobs import TrainInput, TrainResult
    from shared.names import TRAIN_MODEL, TRAIN_MODEL_ACTIVITY


@workflow.defn(name=TRAIN_MODEL, failure_exception_types=[ValidationError])
class TrainModelWorkflow:
    """One training run; the same rows give the same model, so a retry repeats rather than adds."""

    @workflow.run
    async def run(self, request: TrainInput) -> TrainResult:
        """Trains and registers, or returns the model that is already there."""
        result: TrainResult = await workflow.execute_activity(
            TRAIN_MODEL_ACTIVITY,
            request,
            result_type=TrainResult,
            start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=retry_policy("compute"),
        )
        return result
