"""How a workflow runs one processor: the generic activity, with the registry's timeouts and retries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from shared.messages import (
        BLOCKED,
        Message,
        PhaseRequest,
        PhaseResult,
        ProcessorFailure,
        ProcessorRequest,
        ProcessorResult,
    )
    from shared.names import RUN_PROCESSOR
    from shared.phases import phase_named
    from shared.registry import RETRIES, Processor

BOOKKEEPING = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30)
)
"""For what must get through and does no harm twice: until it does."""

BOOKKEEPING_TIMEOUT = timedelta(seconds=60)
HEARTBEAT_TIMEOUT = timedelta(seconds=10)

NEWER_THAN_PLANS = frozenset(
    {
        "raw_prop_openings", "shadow_predictions", "shadow_results", "daily_brief",
        "scrape_quality", "raw_quality", "analytics_quality", "prediction_quality", "grading_quality",
        "publishing_quality",
    }
)  # fmt: skip
"""Unknown to a phase that began before requests carried what was planned. Can go with the last such phase."""

M = TypeVar("M", bound=Message)

Outcome = ProcessorResult | ProcessorFailure


def retry_policy(name: str) -> RetryPolicy:
    """The Temporal retry policy of a registry policy's name."""
    spec = RETRIES[name]
    return RetryPolicy(
        initial_interval=spec.initial,
        maximum_interval=spec.maximum,
        backoff_coefficient=spec.backoff,
        maximum_attempts=spec.attempts,
    )


async def one_activity(activity: str, request: Message, result: type[M], time: timedelta) -> M:
    """All that a small workflow does: one activity on the warehouse, with its heartbeat, and its answer."""
    answer: M = await workflow.execute_activity(
        activity,
        request,
        result_type=result,
        start_to_close_timeout=time,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=retry_policy("warehouse"),
    )
    return answer


def request_for(
    phase: PhaseRequest, processor: Processor, *, chunk: int = 0, staged: tuple[str, ...] = ()
) -> ProcessorRequest:
    """The request for one processor of a phase."""
    return ProcessorRequest(
        game_date=phase.game_date,
        phase=phase.phase,
        processor=processor.name,
        as_of=phase.as_of,
        started_at=phase.started_at,
        epoch=phase.epoch,
        retrigger=phase.retrigger,
        chunk=chunk,
        staged=staged,
    )


async def run_processor(request: ProcessorRequest, processor: Processor) -> Outcome:
    """Runs one processor to its result, or to the failure left when its retries are used up.

    A cancellation passes through: it is no failure of the processor's.
    """
    label = f"{processor.name} #{request.chunk}" if processor.chunked else processor.name
    try:
        result: ProcessorResult = await workflow.execute_activity(
            RUN_PROCESSOR,
            request,
            result_type=ProcessorResult,
            start_to_close_timeout=processor.start_to_close,
            heartbeat_timeout=processor.heartbeat,
            retry_policy=retry_policy(processor.retry),
            summary=label,
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return failure_of(processor, error, request.chunk if processor.chunked else None)
    return result


def failure_of(processor: Processor, error: ActivityError, chunk: int | None = None) -> ProcessorFailure:
    """What a failed activity says about its processor."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        kind, message, final = cause.type or "ApplicationError", cause.message, cause.non_retryable
    else:
        kind, message, final = type(cause).__name__, str(cause or error), False
    return ProcessorFailure(
        processor=processor.name,
        error_type=kind,
        message=message[:2_000],
        required=processor.required,
        non_retryable=final,
        chunk=chunk,
    )


def planned(request: PhaseRequest) -> tuple[Processor, ...]:
    """The processors that the phase had when it began."""
    processors = phase_named(request.phase).processors
    if not request.planned:
        return tuple(p for p in processors if p.name not in NEWER_THAN_PLANS)
    return tuple(p for p in processors if p.name in request.planned)


def chosen(request: PhaseRequest) -> tuple[Processor, ...]:
    """Those of them that a request names; all of them if it names none."""
    return tuple(p for p in planned(request) if not request.processors or p.name in request.processors)


def guarded(request: PhaseRequest) -> tuple[Processor, ...]:
    """Those that a request names, and the gate: what is made again is checked again."""
    wanted = chosen(request)
    return tuple(p for p in planned(request) if p in wanted or p.gate)


def blocked(processor: Processor, failed: Iterable[str]) -> ProcessorFailure:
    """The failure of a processor that could not be started, because those it waits for failed."""
    names = ", ".join(sorted(set(processor.after) & set(failed)))
    return ProcessorFailure(
        processor=processor.name,
        error_type=BLOCKED,
        message=f"not run: it reads what {names} should have written",
        required=processor.required,
    )


def phase_result(request: PhaseRequest, outcomes: Iterable[Outcome]) -> PhaseResult:
    """Sums up a phase: it is ok when no required processor failed."""
    seen = list(outcomes)
    failures = tuple(o for o in seen if isinstance(o, ProcessorFailure))
    return PhaseResult(
        phase=request.phase,
        ok=not any(f.required for f in failures),
        results=tuple(o for o in seen if isinstance(o, ProcessorResult)),
        failures=failures,
    )
