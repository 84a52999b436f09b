"""A season's backfill, undisturbed and killed on the way.

`python -m benchmarks.season 2024-10-22 2025-04-13 --root <folder>` loads the seasons before into a home, runs
`tipoff backfill` on copies of it, and prints one table. Whatever was done stands: the same command goes on.
`--slice SECONDS` stops in order after so long, so that a season can be run in pieces; only the seconds in
which the backfill was under way are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import psutil
from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from benchmarks.day import prepare, stack
from benchmarks.stacks import peak_mib
from shared import jobs, names
from shared.backfill import BackfillProgress
from shared.config import TASK_QUEUE

DECILES = 10
UNDER_WAY = ("running", "paused", "stopping")

FINISHED = (
    "SELECT finished FROM (SELECT game_date, MAX(updated_at) AS finished FROM nba_orchestration.phase_status "
    "WHERE processor_name = '' AND game_date BETWEEN ? AND ? GROUP BY game_date) ORDER BY finished"
)


@dataclass
class Course:
    """What is known of one run, kept between calls."""

    seconds: float = 0.0
    """In which the backfill was under way."""
    peak_mib: float = 0.0
    kills: list[str] = field(default_factory=list)
    downtimes: list[tuple[float, float]] = field(default_factory=list)
    """Unix times between which nothing of it ran."""
    summary: dict[str, Any] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


class Run:
    """One backfill on a copy of the base."""

    def __init__(self, root: Path, name: str, arguments: argparse.Namespace) -> None:
        self.name = name
        self._arguments = arguments
        self.home = root / name
        self._file = root / f"{name}.json"
        known = json.loads(self._file.read_text()) if self._file.exists() else {}
        self.course = Course(**known)
        self._process: subprocess.Popen[str] | None = None

    def save(self) -> None:
        """Keeps the course for the next call."""
        self._file.write_text(json.dumps(asdict(self.course)))

    # ---- the process

    def _start(self) -> None:
        asked = self._arguments
        with (self.home / "season.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "starter", "backfill", str(asked.start), str(asked.end),
                    "--max-parallel", str(asked.max_parallel), "--home", str(self.home),
                    "--source", asked.source, "--json",
                ],
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip

    def _children(self) -> dict[str, int]:
        try:
            info = json.loads((self.home / "stack.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return {child["name"]: child["pid"] for child in info.get("children", [])}

    def _see_memory(self) -> None:
        with suppress(KeyError, psutil.NoSuchProcess):
            self.course.peak_mib = max(self.course.peak_mib, peak_mib(self._children()["worker"]))

    async def _done(self) -> int | None:
        """Dates done; None while nobody answers or it still prepares."""
        try:
            address = json.loads((self.home / "stack.json").read_text())["address"]
            client = await Client.connect(address, data_converter=pydantic_data_converter)
            handle = client.get_workflow_handle(f"backfill-{self._arguments.start}-{self._arguments.end}")
            told: BackfillProgress = await handle.query(
                "progress", result_type=BackfillProgress, rpc_timeout=timedelta(seconds=2)
            )
        except (RPCError, RuntimeError, OSError, KeyError, json.JSONDecodeError):
            return None
        return told.done if told.state in UNDER_WAY else None

    # ---- the run

    async def go(self, kills: list[int], until: float) -> bool:
        """Runs on, killed once after each of these numbers of dates; whether it has come to its end."""
        due = kills[len(self.course.kills) :]
        self._start()
        assert self._process
        last = time.monotonic()
        try:
            while self._process.poll() is None:
                await asyncio.sleep(0.5)
                self._see_memory()
                # Asked for as little as can be: the worker answers it, and is what is measured.
                done = await self._done() if due or not self.course.seconds else None
                now = time.monotonic()
                if done is not None or self.course.seconds:
                    self.course.seconds += now - last
                last = now
                if due and done is not None and done >= due[0]:
                    due.pop(0)
                    self._kill(everything=bool(self.course.kills), done=done)
                elif now > until:
                    self._stop()
                    return False
        finally:
            if self._process.poll() is None:
                self._stop()
            self.save()
        out = self._process.stdout.read() if self._process.stdout else ""
        if not out.strip():
            raise SystemExit(f"{self.name}: no summary; see {self.home / 'season.log'}")
        self.course.summary = json.loads(out)
        self.save()
        return True

    def _kill(self, *, everything: bool, done: int) -> None:
        """SIGKILL: of the worker, or of everything, which is then started again."""
        assert self._process
        at = time.time()
        if everything:
            os.killpg(self._process.pid, signal.SIGKILL)
            for pid in self._children().values():
                if psutil.pid_exists(pid):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._start()
        else:
            os.kill(self._children()["worker"], signal.SIGKILL)
        self.course.kills.append(f"{'everything' if everything else 'the worker'} after {done} dates")
        self.course.downtimes.append((at, at))
        self.save()

    def _stop(self) -> None:
        """In order, as Ctrl-C does; the next call goes on."""
        assert self._process
        at = time.time()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=120)
        self.course.downtimes.append((at, at))

    # ---- what came of it

    async def hash_tables(self) -> None:
        """Every table's content hash, by the stack's own workflow."""
        if self.course.hashes:
            return
        with stack(self.home, self._arguments.source) as info:
            client = await Client.connect(str(info["address"]), data_converter=pydantic_data_converter)
            summary: jobs.DaySummary = await client.execute_workflow(
                names.DAY_SUMMARY, jobs.DaySummaryInput(game_date=self._arguments.end, hashes=True),
                id=f"season-hashes-{random.random()}", task_queue=TASK_QUEUE, result_type=jobs.DaySummary,
            )  # fmt: skip
        self.course.hashes = dict(summary.table_hashes)
        self.save()

    def seconds_between(self) -> list[float]:
        """Seconds from the end of each date to the end of the next; those with a stop between left out."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as warehouse:
            rows = warehouse.execute(FINISHED, [self._arguments.start, self._arguments.end]).fetchall()
        ends = [row[0].replace(tzinfo=UTC).timestamp() for row in rows]
        stops = [begun for begun, _ in self.course.downtimes]
        return [
            after - before
            for before, after in pairwise(ends)
            if not any(before - 1 <= stop <= after + 1 for stop in stops)
        ]


def deciles(seconds: list[float]) -> list[float]:
    """Mean seconds per date of each tenth of the range, in order."""
    parts = min(DECILES, len(seconds))
    edges = [round(n * len(seconds) / parts) for n in range(parts + 1)] if parts else [0]
    return [statistics.fmean(seconds[a:b]) for a, b in pairwise(edges) if b > a]


def base(root: Path, arguments: argparse.Namespace) -> Path:
    """A home with the games before the first date and a model trained on them."""
    home = root / "base"
    if (root / "base.done").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    began = time.monotonic()
    with stack(home, arguments.source) as info:
        asyncio.run(prepare(str(info["address"]), arguments.start, arguments.seasons))
    (home / "stack.json").unlink(missing_ok=True)
    (root / "base.done").write_text(f"{time.monotonic() - began:.1f}")
    return home


def show(runs: list[Run], arguments: argparse.Namespace, prepared: float) -> bool:
    """The table; whether everything is as it should be."""
    table = Table(
        title=f"{arguments.start} to {arguments.end} ({arguments.source}), {arguments.max_parallel} at once"
    )
    table.add_column("")
    for run in runs:
        table.add_column(run.name, justify="right")
    first = runs[0].course
    paces = [deciles(run.seconds_between()) for run in runs]
    rows: dict[str, list[str]] = {
        "dates completed": [f"{r.course.summary['completed']} of {r.course.summary['dates']}" for r in runs],
        "games": [f"{r.course.summary['games']:,}" for r in runs],
        "minutes": [f"{r.course.seconds / 60:.1f}" for r in runs],
        "seconds per date": [f"{r.course.seconds / max(r.course.summary['dates'], 1):.2f}" for r in runs],
        "by tenth of the range": [" ".join(f"{p:.1f}" for p in pace) for pace in paces],
        "last / first tenth": [f"{pace[-1] / pace[0]:.2f}" if pace else "" for pace in paces],
        "worker's peak, MiB": [f"{r.course.peak_mib:.0f}" for r in runs],
        "SIGKILL of": ["\n".join(r.course.kills) or "nothing" for r in runs],
        "tables": [str(len(r.course.hashes)) for r in runs],
        "hashes equal": [
            ""
            if r is runs[0]
            else "yes"
            if r.course.hashes == first.hashes
            else f"NO: {_differing(r, runs[0])}"
            for r in runs
        ],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console = Console(width=100)
    console.print(table)
    console.print(
        f"history of {arguments.seasons} seasons and a model in {prepared:.0f} s; {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {datetime.now(UTC):%Y-%m-%d}"
    )
    good = all(r.course.summary["status"] == "completed" for r in runs)
    return good and all(r.course.hashes == first.hashes for r in runs)


def _differing(one: Run, other: Run) -> str:
    tables = one.course.hashes.keys() | other.course.hashes.keys()
    return ", ".join(sorted(t for t in tables if one.course.hashes.get(t) != other.course.hashes.get(t)))


async def work(root: Path, arguments: argparse.Namespace, runs: list[Run]) -> bool:
    """Whether all runs have come to their end."""
    until = time.monotonic() + (arguments.slice or 10 * 3_600)
    dates = (arguments.end - arguments.start).days + 1
    for run in runs:
        if not run.home.exists():
            shutil.copytree(base(root, arguments), run.home)
        if not run.course.summary:
            kills = [dates // 3, 2 * dates // 3] if run.name == "killed" else []
            if not await run.go(kills, until):
                sys.stderr.write(f"{run.name}: {run.course.seconds:.0f} s so far; the same command goes on\n")
                return False
        await run.hash_tables()
    return True


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=date.fromisoformat)
    parser.add_argument("end", type=date.fromisoformat)
    parser.add_argument("--max-parallel", type=int, default=2)
    parser.add_argument("--seasons", type=int, default=2, help="full seasons of history before this one")
    parser.add_argument("--runs", default="undisturbed,killed", help="undisturbed, killed, or both")
    parser.add_argument("--source", default="recorded")
    parser.add_argument("--root", type=Path, required=True, help="a folder for the homes; kept")
    parser.add_argument("--slice", type=float, default=0, help="stop in order after so many seconds")
    arguments = parser.parse_args()
    os.environ["TIPOFF_SOURCE"] = arguments.source
    os.environ["TIPOFF_HISTORY_SEASONS"] = str(arguments.seasons)
    root: Path = arguments.root
    root.mkdir(parents=True, exist_ok=True)
    base(root, arguments)
    runs = [Run(root, name, arguments) for name in arguments.runs.split(",")]
    if not asyncio.run(work(root, arguments, runs)):
        raise SystemExit(2)
    prepared = float((root / "base.done").read_text())
    raise SystemExit(not show(runs, arguments, prepared))


if __name__ == "__main__":
    main()
