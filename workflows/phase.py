"""The generic child that runs any phase: its processors in levels, as the registry orders them."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.messages import PhaseRequest, PhaseResult, ProcessorFailure
    from shared.names import PHASE
    from shared.registry import levels


@workflow.defn(name=PHASE, failure_exception_types=[ValidationError])
class PhaseWorkflow:
    """Runs one phase. A processor's failure is part of the result; the day decides what follows."""

    @workflow.run
    async def run(self, request: PhaseRequest) -> PhaseResult:
        """Runs the levels one after another, the processors of a level at once."""
        outcomes: list[steps.Outcome] = []
        failed: set[str] = set()
        for level in levels(steps.guarded(request)):
            stopped = [p for p in level if failed & set(p.after)]
            ready = [p for p in level if p not in stopped]
            outcomes += [steps.blocked(p, failed) for p in stopped]
            outcomes += await asyncio.gather(
                *(steps.run_processor(steps.request_for(request, p), p) for p in ready)
            )
            failed = {o.processor for o in outcomes if isinstance(o, ProcessorFailure) and o.required}
        return steps.phase_result(request, outcomes)
