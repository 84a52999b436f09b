"""What an entry of the registry says: phases, processors, their reads, writes and retries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Window(StrEnum):
    """Which partitions of a table a processor is given, relative to the run's game date D."""

    DAY = "day"
    """D's own partition."""
    SCOPE = "scope"
    """The dates whose games this run brings in: D-1 and any earlier date being repaired."""
    BEFORE = "before"
    """Strictly before D, `days` back. Nothing of D is ever in it: this is where a leak would start."""
    UP_TO = "up_to"
    """D and before, `days` back. For reference data written by the run itself, never for results."""


class WriteMode(StrEnum):
    """How a processor's rows reach its table."""

    REPLACE = "replace"
    MERGE = "merge"
    STAGE = "stage"


@dataclass(frozen=True)
class Read:
    """One input of a processor: the frame it gets under `name`."""

    name: str
    table: str
    window: Window
    days: int = 0
    columns: tuple[str, ...] = ()
    """The columns to fetch; empty means all."""


@dataclass(frozen=True)
class RetrySpec:
    """A retry policy, by name. Attempts include the first."""

    initial: timedelta
    maximum: timedelta
    backoff: float
    attempts: int


RETRIES = {
    "upstream": RetrySpec(timedelta(seconds=1), timedelta(seconds=30), 2.0, 5),
    "warehouse": RetrySpec(timedelta(seconds=1), timedelta(seconds=60), 2.0, 8),
    "compute": RetrySpec(timedelta(milliseconds=500), timedelta(seconds=20), 2.0, 4),
}


@dataclass(frozen=True)
class Processor:
    """One processor: its exact name, where its code is, what it reads and what it writes."""

    name: str
    path: str
    """`module:function`, resolved when the worker starts."""
    table: str
    key: tuple[str, ...]
    partition: str
    reads: tuple[Read, ...] = ()
    after: tuple[str, ...] = ()
    """Processors of the same phase whose rows it reads."""
    required: bool = True
    mode: WriteMode = WriteMode.REPLACE
    slice_column: str | None = None
    """Where several processors share a table: the column that holds the owner's name."""
    retry: str = "compute"
    start_to_close: timedelta = timedelta(minutes=5)
    heartbeat: timedelta = timedelta(seconds=10)
    fresh_for: timedelta = timedelta(hours=24)
    """How old its rows may grow before they count as stale."""
    chunked: bool = False
    """Run once per chunk of players, by the predictions workflow."""
    gate: bool = False
    """Checks what the phase made; an error of a check that blocks the phase fails it."""

    @property
    def computes(self) -> bool:
        """Whether it works on what it is given, and so in any process; what asks upstreams does not: the
        worker knows which of them may be asked now."""
        return self.retry != "upstream"


STATUS_TABLES = (
    "nba_orchestration.phase_status", "nba_orchestration.phase_execution_log",
    "nba_orchestration.processor_run_history",
)  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """One phase of the day and the phases it needs."""

    number: int
    name: str
    summary: str
    depends_on: tuple[str, ...]
    processors: tuple[Processor, ...] = field(default=())
    before_tip: bool = True
    """Whether the tip-off deadline binds it."""

    @property
    def reads_status(self) -> bool:
        """Whether one of its processors reads how far the day is.

        Days under way hold what was true when they began: a phase that comes to read it needs a patch in
        `DailyPipelineWorkflow`.
        """
        return any(read.table in STATUS_TABLES for p in self.processors for read in p.reads)


def levels(processors: tuple[Processor, ...]) -> list[list[Processor]]:
    """Processors in levels: those of a level read nothing from each other and may run at once."""
    names = {p.name for p in processors}
    done: set[str] = set()
    result: list[list[Processor]] = []
    remaining = list(processors)
    while remaining:
        level = [p for p in remaining if set(p.after) & names <= done]
        if not level:
            cycle = ", ".join(p.name for p in remaining)
            msg = f"the processors {cycle} wait for each other"
            raise ValueError(msg)
        result.append(level)
        done |= {p.name for p in level}
        remaining = [p for p in remaining if p not in level]
    return result
