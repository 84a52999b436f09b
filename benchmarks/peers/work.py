"""The work of a day without an orchestrator: each step is one processor of the registry with its writes.

What every system of `benchmarks.peers` runs, and the floor of `benchmarks.day`, in one process. A step that
is run twice under the same plan writes under the same key, so the warehouse's ledger lets it write once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from activities.compute import load_processors
from activities.predictions.prediction_chunk import count_chunks
from activities.runner import read_frames, scope_of
from activities.surroundings import Surroundings
from shared.clock import microseconds, parse_instant
from shared.config import load_settings
from shared.errors import QualityGateFailed
from shared.messages import ProcessorRequest
from shared.phases import PHASES, phase_of, processor_named
from shared.registry import Processor, WriteMode, levels
from warehouse.connect import connect
from warehouse.writer import Fence, Writer

Plan = dict[str, str]
"""`run_id`, `as_of` and `started_at`: JSON, so that every system can keep it."""

Done = dict[str, Any]
"""What a step hands on: its rows, and the staging tables for those that follow in its phase."""

HOME, REPLAY, DATE = "TIPOFF_PEER_HOME", "TIPOFF_PEER_REPLAY", "TIPOFF_PEER_DATE"
"""By these a process is told what to work on; a system's own child processes inherit them."""

JOURNAL = "steps.log"
CHUNKED = "prediction_chunk"
STEPS = sum(len(phase.processors) for phase in PHASES)

LEVELS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (phase.name, tuple(p.name for p in level)) for phase in PHASES for level in levels(phase.processors)
)
"""The processors in order, with their phase; those of a level may run at once."""


def needs_staged(processor: str) -> bool:
    """Whether a step reads what the chunks have staged."""
    return CHUNKED in processor_named(processor).after


class Work:
    """One date's steps over the warehouse of a home."""

    def __init__(self, home: Path, replay_url: str, day: date) -> None:
        settings = load_settings(home=home, replay_url=replay_url)
        self._warehouse = connect("duckdb", home=home)
        self._warehouse.ensure_tables()
        self._around = Surroundings(settings, self._warehouse, Writer(self._warehouse))
        self._functions = load_processors()
        self._replay_url = replay_url
        self._day = day
        self._journal = home / JOURNAL

    def plan(self) -> Plan:
        """The day's clock. Whoever keeps it across a crash goes on with the same run."""
        as_of = httpx.get(f"{self._replay_url}/clock/{self._day}").raise_for_status().json()["as_of"]
        started_at = datetime.now(UTC).isoformat()
        return {"run_id": f"run-{started_at}", "as_of": as_of, "started_at": started_at}

    def step(self, name: str, plan: Plan, staged: Sequence[str] = ()) -> Done:
        """Runs one processor, all its chunks if it has any."""
        self._note("begin", name)
        processor = processor_named(name)
        rows, tables = 0, []
        for chunk in range(self._chunks(processor)):
            written, table = self._run(processor, plan, chunk, staged if needs_staged(name) else ())
            rows += written
            tables += [table] if table else []
        self._note("end", name)
        return {"rows": rows, "staged": tables}

    def close(self) -> None:
        """Lets go of the warehouse's file."""
        self._warehouse.close()

    def _note(self, what: str, name: str) -> None:
        with self._journal.open("a") as journal:
            journal.write(f"{what} {name}\n")

    def _chunks(self, processor: Processor) -> int:
        if not processor.chunked:
            return 1
        frames = read_frames(self._warehouse, processor.reads, self._day, ())
        size = self._around.settings.prediction_chunk
        return count_chunks(frames["features"], frames["upcoming_players"], size)[0]

    def _run(self, processor: Processor, plan: Plan, chunk: int, staged: Sequence[str]) -> tuple[int, str]:
        as_of, started_at = parse_instant(plan["as_of"]), datetime.fromisoformat(plan["started_at"])
        fence = Fence(microseconds(started_at))
        request = ProcessorRequest(
            game_date=self._day, phase=phase_of(processor.name).name, processor=processor.name,
            as_of=as_of, started_at=started_at, epoch=fence.epoch, chunk=chunk,
        )  # fmt: skip
        writer, run_id = self._around.writer, plan["run_id"]
        scope = scope_of(self._warehouse, self._day)
        rows = writer.read_staged(list(staged)) if staged else pd.DataFrame()
        context = self._around.context(request, scope, run_id, rows, at=datetime.now(UTC))
        frames = read_frames(self._warehouse, processor.reads, self._day, scope)
        output = self._functions[processor.name](context, frames, lambda *_: None)
        key = f"{run_id}/{processor.name}/{chunk}"
        if processor.mode is WriteMode.STAGE:
            name = writer.stage(processor.table, output.frame, chunk=f"{chunk:03d}", write_key=key)
            return len(output.frame), name
        if processor.mode is WriteMode.MERGE:
            writer.merge(processor.table, output.frame, write_key=key, fence=fence, run_id=run_id)
        else:
            part = {processor.slice_column: processor.name} if processor.slice_column else None
            writer.replace(
                processor.table, output.frame, partitions=output.partitions, slice=part,
                write_key=key, fence=fence, run_id=run_id,
            )  # fmt: skip
        if output.refusal:
            raise QualityGateFailed(output.refusal)
        return len(output.frame), ""


_lock = threading.Lock()
_work: Work | None = None


def work() -> Work:
    """This process's own, opened at its first use, over what the environment names."""
    global _work  # noqa: PLW0603 - orchestrators hand a step plain values only
    with _lock:
        if _work is None:
            day = date.fromisoformat(os.environ[DATE])
            _work = Work(Path(os.environ[HOME]), os.environ[REPLAY], day)
        return _work
