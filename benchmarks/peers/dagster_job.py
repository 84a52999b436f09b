"""The day as a Dagster job: an op per processor. Imported by each process in which an op runs."""

from __future__ import annotations

from typing import Any

from dagster import In, Nothing, OpDefinition, RetryPolicy, job, multi_or_in_process_executor, op

from benchmarks.peers.program import durable
from benchmarks.peers.work import LEVELS, Done, Plan, needs_staged, work

RETRIES = RetryPolicy(max_retries=3) if durable() else None


@op(retry_policy=RETRIES)
def plan_day() -> dict[str, str]:
    """The day's clock."""
    return work().plan()


def _op(name: str) -> OpDefinition:
    if needs_staged(name):

        @op(name=name, ins={"before": In(Nothing)}, retry_policy=RETRIES)
        def following(plan: dict[str, str], chunks: dict[str, Any]) -> dict[str, Any]:
            return _step(name, plan, chunks)

        return following

    @op(name=name, ins={"before": In(Nothing)}, retry_policy=RETRIES)
    def processor(plan: dict[str, str]) -> dict[str, Any]:
        return _step(name, plan, {"staged": []})

    return processor


def _step(name: str, plan: Plan, chunks: Done) -> Done:
    return work().step(name, plan, chunks["staged"])


@job(executor_def=multi_or_in_process_executor)
def daily_pipeline() -> None:
    """Every level, once the one before is done."""
    plan = plan_day()
    before: list[Any] = [plan]
    chunks: Any = None
    for _, names in LEVELS:
        done = []
        for name in names:
            if needs_staged(name):
                made = _op(name)(plan=plan, chunks=chunks, before=before)
            else:
                made = _op(name)(plan=plan, before=before)
            chunks = made if name == "prediction_chunk" else chunks
            done.append(made)
        before = done
