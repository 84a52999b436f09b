"""Faults of a deployment: workers that go by turns, and a new build in the middle of a day."""

from __future__ import annotations

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection
from benchmarks.chaos.production import ProductionLived

TURNS = 3
BETWEEN = 3.0
"""Seconds between two workers' ends."""


async def strike(lived: Lived, injection: Injection) -> bool:
    """Injects one of them; whether the round has a deployment at all."""
    if not isinstance(lived, ProductionLived):
        return False
    lived.lasts(BETWEEN)
    if injection.kind == "two_workers":
        return await lived.kill_by_turns(TURNS, BETWEEN)
    await lived.new_build()
    return True
