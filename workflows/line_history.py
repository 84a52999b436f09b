"""Fills the warehouse with the lines of past dates, month by month."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from workflows.steps import BOOKKEEPING, HEARTBEAT_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.jobs import LineChunkRequest, LineChunkResult, LinePlan, LinesProgress, LoadLinesInput
    from shared.names import LOAD_LINE_CHUNK, LOAD_LINES, PLAN_LINES


@workflow.defn(name=LOAD_LINES, failure_exception_types=[ValidationError])
class LoadLinesWorkflow:
    """Loads what is missing. A source that sells no past lines ends it early, without failing it."""

    def __init__(self) -> None:
        self._progress = LinesProgress(done=0, total=0, note="planning")

    @workflow.run
    async def run(self, request: LoadLinesInput) -> LinesProgress:
        """One activity a month; a crash resumes at the month that was under way."""
        epoch = int(workflow.info().start_time.timestamp() * 1_000_000)
        plan: LinePlan = await workflow.execute_activity(
            PLAN_LINES, request, result_type=LinePlan,
            start_to_close_timeout=timedelta(minutes=2), retry_policy=BOOKKEEPING,
        )  # fmt: skip
        total = len(plan.chunks)
        for done, chunk in enumerate(plan.chunks):
            self._tell(done=done, total=total, note=f"{chunk.dates[0]} to {chunk.dates[-1]}")
            try:
                result: LineChunkResult = await workflow.execute_activity(
                    LOAD_LINE_CHUNK, LineChunkRequest(chunk=chunk, as_of=request.as_of, epoch=epoch),
                    result_type=LineChunkResult, start_to_close_timeout=timedelta(minutes=10),
                    heartbeat_timeout=HEARTBEAT_TIMEOUT, retry_policy=retry_policy("upstream"),
                    summary=f"{chunk.dates[0]} to {chunk.dates[-1]}",
                )  # fmt: skip
            except ActivityError as error:
                cause = error.cause
                if not isinstance(cause, ApplicationError) or cause.type != "AuthenticationError":
                    raise
                self._tell(unavailable=cause.message[:500])
                return self._progress
            self._tell(dates=self._progress.dates + result.dates, rows=self._progress.rows + result.rows)
        self._tell(done=total, total=total, note="done")
        return self._progress

    @workflow.query
    def progress(self) -> LinesProgress:
        """How far it is."""
        return self._progress

    def _tell(self, **changes: int | str) -> None:
        self._progress = self._progress.model_copy(update=changes)
