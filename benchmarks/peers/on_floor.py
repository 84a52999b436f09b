"""The day without any orchestrator: a loop."""

from __future__ import annotations

from benchmarks.peers.program import run
from benchmarks.peers.work import LEVELS, work


def day() -> None:
    """Every step in order."""
    plan = work().plan()
    staged: list[str] = []
    for _, names in LEVELS:
        for name in names:
            staged += work().step(name, plan, staged)["staged"]


if __name__ == "__main__":
    work()
    run(day)
