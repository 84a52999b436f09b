"""Replays the systems walk-forward over a range of dates, segment by segment."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import HEARTBEAT_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.evaluation import (
        EvaluateInput,
        EvaluationPlan,
        EvaluationProgress,
        EvaluationResult,
        ReportRequest,
        SegmentRequest,
    )
    from shared.names import EVALUATE, EVALUATE_SEGMENT, PREPARE_EVALUATION, REPORT_EVALUATION


@workflow.defn(name=EVALUATE, failure_exception_types=[ValidationError])
class EvaluateWorkflow:
    """One evaluation. A crash repeats the segment that was running, and none before it."""

    def __init__(self) -> None:
        self._progress = EvaluationProgress(done=0, total=0, note="features")

    @workflow.run
    async def run(self, request: EvaluateInput) -> EvaluationResult:
        """Segments one after another: each learns the spread of errors from those before it."""
        plan: EvaluationPlan = await workflow.execute_activity(
            PREPARE_EVALUATION, request, result_type=EvaluationPlan,
            start_to_close_timeout=timedelta(minutes=30), heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=retry_policy("compute"),
        )  # fmt: skip
        predicted: tuple[str, ...] = ()
        for segment in plan.segments:
            self._say(len(predicted), len(plan.segments), f"{segment.first} to {segment.last}")
            path: str = await workflow.execute_activity(
                EVALUATE_SEGMENT, SegmentRequest(rows=plan.rows, segment=segment, earlier=predicted),
                result_type=str, start_to_close_timeout=timedelta(minutes=30),
                heartbeat_timeout=HEARTBEAT_TIMEOUT, retry_policy=retry_policy("compute"),
                summary=f"{segment.first} to {segment.last}",
            )  # fmt: skip
            predicted = (*predicted, path)
        self._say(len(predicted), len(plan.segments), "report")
        result: EvaluationResult = await workflow.execute_activity(
            REPORT_EVALUATION, ReportRequest(request=request, plan=plan, predicted=predicted),
            result_type=EvaluationResult, start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=HEARTBEAT_TIMEOUT, retry_policy=retry_policy("compute"),
        )  # fmt: skip
        return result

    @workflow.query
    def progress(self) -> EvaluationProgress:
        """How many segments are done."""
        return self._progress

    def _say(self, done: int, total: int, note: str) -> None:
        self._progress = EvaluationProgress(done=done, total=total, note=note)
