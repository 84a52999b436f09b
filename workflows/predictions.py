"""Phase 5: fan out over chunks of players, stage, consolidate by one MERGE."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.messages import ChunkCount, PhaseRequest, PhaseResult, ProcessorFailure, ProcessorResult
    from shared.names import COUNT_CHUNKS, PREDICTIONS
    from shared.registry import Processor, levels

AT_ONCE = "what-follows-at-once"
"""The patch before which what follows the chunks ran one after another."""


@workflow.defn(name=PREDICTIONS, failure_exception_types=[ValidationError])
class PredictionsWorkflow:
    """Runs phase 5. Events grow with chunks, never with players."""

    @workflow.run
    async def run(self, request: PhaseRequest) -> PhaseResult:
        """Predicts every chunk into its own staging table; then nothing, or all of it, is current."""
        processors = steps.planned(request)
        chunked = next(p for p in processors if p.chunked)
        wanted = steps.chosen(request)
        # The consolidation needs every chunk, so naming it, or a chunk, means both.
        predict = any(p.chunked or chunked.name in p.after for p in wanted)
        outcomes: list[steps.Outcome] = []
        staged: tuple[str, ...] = ()
        if predict:
            chunks = await self._predict(request, chunked)
            failed = [o for o in chunks if isinstance(o, ProcessorFailure)]
            if failed:
                return steps.phase_result(request, failed[:1])
            predicted = [o for o in chunks if isinstance(o, ProcessorResult)]
            staged = tuple(o.staged for o in predicted)
            outcomes.append(_summed(chunked, predicted))
        following = tuple(
            p for p in processors if not p.chunked and (p in wanted or (predict and chunked.name in p.after))
        )
        at_once = workflow.patched(AT_ONCE)
        for level in levels(following) if at_once else [[processor] for processor in following]:
            done = await asyncio.gather(*(self._follow(request, chunked, p, staged) for p in level))
            outcomes += done
            if any(isinstance(outcome, ProcessorFailure) and outcome.required for outcome in done):
                break
        return steps.phase_result(request, outcomes)

    async def _follow(
        self, request: PhaseRequest, chunked: Processor, processor: Processor, staged: tuple[str, ...]
    ) -> steps.Outcome:
        tables = staged if chunked.name in processor.after else ()
        return await steps.run_processor(steps.request_for(request, processor, staged=tables), processor)

    async def _predict(self, request: PhaseRequest, chunked: Processor) -> list[steps.Outcome]:
        try:
            count: ChunkCount = await workflow.execute_activity(
                COUNT_CHUNKS,
                steps.request_for(request, chunked),
                result_type=ChunkCount,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=steps.retry_policy("warehouse"),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return [steps.failure_of(chunked, error)]
        first = [n for n in range(count.chunks) if n == request.first_chunk]
        rest = [n for n in range(count.chunks) if n not in first]
        outcomes = await self._chunks(request, chunked, first)
        if any(isinstance(o, ProcessorFailure) for o in outcomes):
            return outcomes
        return outcomes + await self._chunks(request, chunked, rest)

    async def _chunks(
        self, request: PhaseRequest, chunked: Processor, numbers: list[int]
    ) -> list[steps.Outcome]:
        return await asyncio.gather(
            *(steps.run_processor(steps.request_for(request, chunked, chunk=n), chunked) for n in numbers)
        )


def _summed(chunked: Processor, done: list[ProcessorResult]) -> ProcessorResult:
    """All chunks as one result, for status and logs."""
    warnings = tuple(w for o in done for w in o.warnings)
    return ProcessorResult(
        processor=chunked.name,
        table=chunked.table,
        rows=sum(o.rows for o in done),
        content_hash="",
        write_key="",
        attempt=max((o.attempt for o in done), default=1),
        warnings=warnings[:20],
        warning_count=sum(o.warning_count for o in done),
        facts={"chunks": len(done)},
        seconds=max((o.seconds for o in done), default=0.0),
        bytes_processed=sum(o.bytes_processed for o in done),
        bytes_billed=sum(o.bytes_billed for o in done),
    )
