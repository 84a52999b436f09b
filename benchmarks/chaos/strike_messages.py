"""Faults of operators: messages sent twice, all at once, against each other, or not meant as they are."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date
from typing import Any

from temporalio.service import RPCError

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import PHASES, Injection
from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput
from shared.names import DAILY_PIPELINE

AGAIN = 1.0
"""Seconds in which all of them are in."""


async def strike(lived: Lived, injection: Injection) -> bool:
    """Sends them to the day, whatever it does just now; whether they could be sent."""
    day = lived.days[injection.day]
    phase = PHASES[int(injection.draw * len(PHASES))]
    tag = f"chaos-{injection.kind}-{injection.day}-{injection.delay}"
    lived.lasts(AGAIN)

    def message(number: int = 1, **fields: Any) -> dict[str, Any]:
        return {
            "request_id": f"{tag}-{number}",
            "reason": f"chaos: {injection.kind}",
            "requested_by": "chaos",
            **fields,
        }

    retrigger = message(phase=phase)
    sent: dict[str, list[tuple[str, Any]]] = {
        "duplicate_signal": [("retrigger", retrigger), ("retrigger", retrigger)],
        "concurrent_signals": [
            ("pause", message(2)), ("resume", message(3)), ("retrigger", retrigger),
        ],
        "contradictory_signals": [("skip", message(2, phase=phase)), ("retrigger", retrigger)],
        "abort_signal": [("abort", message())],
        "malformed_signal": [("retrigger", {"phase": "no such phase"}), ("pause", None), ("skip", [1, 2])],
    }  # fmt: skip
    done = await asyncio.gather(*(_signal(lived, day, name, body) for name, body in sent[injection.kind]))
    return any(done)


async def _signal(lived: Lived, day: date, name: str, body: Any) -> bool:
    """A plain signal; a re-trigger of a day that has ended opens it again, as `tipoff retrigger` does."""
    with suppress(RPCError):
        client = await lived.client()
        try:
            await client.get_workflow_handle(daily_workflow_id(day)).signal(name, body)
        except RPCError:
            if name != "retrigger" or "request_id" not in body:
                raise
            await client.start_workflow(
                DAILY_PIPELINE, DailyPipelineInput(game_date=day, requested_by="chaos"),
                id=daily_workflow_id(day), task_queue=lived.task_queue,
                start_signal="retrigger", start_signal_args=[body],
            )  # fmt: skip
        return True
    return False
