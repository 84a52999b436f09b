"""The durable day against its floor: `python -m benchmarks.day`.

Runs one day durably (`tipoff start --wait` on a fresh copy of the home), then the very same processors called
directly in one process with the same warehouse, no Temporal, on another copy; alternating, several times.
Prints one table: medians, the ratio, phase 5, and the worker's peak memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.peers.work import LEVELS, Work
from benchmarks.stacks import peak_mib
from shared import jobs, messages, names
from shared.config import TASK_QUEUE

FLOOR = "--floor"


def floor(home: Path, day: date, replay_url: str) -> None:
    """Runs the day's processors in this process and prints the seconds they took, by phase."""
    work = Work(home, replay_url, day)
    seconds = dict.fromkeys((phase for phase, _ in LEVELS), 0.0)
    staged: list[str] = []
    began = time.monotonic()
    plan = work.plan()
    for phase, names_of_level in LEVELS:
        at = time.monotonic()
        for name in names_of_level:
            staged += work.step(name, plan, staged)["staged"]
        seconds[phase] += time.monotonic() - at
    seconds["day"] = time.monotonic() - began
    work.close()
    sys.stdout.write(json.dumps(seconds))


@contextmanager
def stack(home: Path, source: str) -> Iterator[dict[str, object]]:
    """`tipoff up` on a home."""
    with (home / "bench.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "starter", "up", "--home", str(home), "--source", source, "--json"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    info: dict[str, object] = {}
    try:
        while not info.get("ready"):
            time.sleep(0.1)
            if process.poll() is not None:
                raise SystemExit((home / "bench.log").read_text())
            if (home / "stack.json").exists():
                info = json.loads((home / "stack.json").read_text())
        yield info
    finally:
        process.terminate()
        process.wait()


async def durable(address: str, day: date) -> dict[str, float]:
    """Runs the day as a workflow. Seconds by phase from its own status, and in all."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    began = time.monotonic()
    report: messages.DayReport = await client.execute_workflow(
        names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=day), id=f"daily-{day}",
        task_queue=TASK_QUEUE, result_type=messages.DayReport,
    )  # fmt: skip
    seconds = {"day": time.monotonic() - began}
    for phase in report.phases:
        assert phase.finished_at
        assert phase.started_at
        seconds[phase.name] = (phase.finished_at - phase.started_at).total_seconds()
    return seconds


async def prepare(address: str, day: date, seasons: int) -> None:
    """Loads history and trains, as the demo does."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    as_of = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    await client.execute_workflow(
        names.LOAD_HISTORY,
        jobs.LoadHistoryInput(until=day - timedelta(days=1), seasons=seasons, as_of=as_of),
        id="bench-history", task_queue=TASK_QUEUE,
    )  # fmt: skip
    await client.execute_workflow(
        names.TRAIN_MODEL,
        jobs.TrainInput(trained_through=day - timedelta(days=2), as_champion=True),
        id="bench-train", task_queue=TASK_QUEUE,
    )  # fmt: skip


def prepared(home: Path, source: str, day: date, seasons: int) -> Path:
    """A home with history and a model, made unless it's there: copies of it live the day."""
    done = home.with_suffix(".done")
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        with stack(home, source) as info:
            asyncio.run(prepare(str(info["address"]), day, seasons))
        (home / "stack.json").unlink(missing_ok=True)
        done.touch()
    return home


def main() -> None:
    """Prints the table."""
    if FLOOR in sys.argv:
        home, day, url = sys.argv[sys.argv.index(FLOOR) + 1 :][:3]
        floor(Path(home), date.fromisoformat(day), url)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 11, 12))
    parser.add_argument("--source", default="recorded")
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    os.environ["TIPOFF_SOURCE"] = arguments.source
    with tempfile.TemporaryDirectory(prefix="tipoff-bench-", ignore_cleanup_errors=True) as folder:
        base = prepared(Path(folder) / "base", arguments.source, arguments.date, arguments.seasons)
        found = measured(base, Path(folder), arguments.source, arguments.date, arguments.runs)
    show(arguments, *found)


def measured(
    base: Path, root: Path, source: str, day: date, runs: int
) -> tuple[list[dict[str, float]], list[dict[str, float]], float]:
    """Seconds by phase of durable days and of floors, by turns, and the worker's most memory in MiB."""
    durables, floors, memory = [], [], []
    for number in range(runs):
        for kind in ("durable", "floor"):
            home = root / f"{kind}-{number}"
            shutil.copytree(base, home)
            if kind == "durable":
                with stack(home, source) as info:
                    durables.append(asyncio.run(durable(str(info["address"]), day)))
                    memory.append(_peak(info))
            else:
                with replay(home, source) as url:
                    command = [sys.executable, "-m", "benchmarks.day", FLOOR, str(home)]
                    done = subprocess.run(
                        [*command, str(day), url], capture_output=True, text=True, check=True
                    )
                    floors.append(json.loads(done.stdout))
            shutil.rmtree(home)
    return durables, floors, max(memory)


@contextmanager
def replay(home: Path, source: str) -> Iterator[str]:
    """A replay server of its own, for the floor."""
    port_file = home / "replay.port"
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "replay", "--port", "0", "--port-file", str(port_file), "--source", source]
    )
    try:
        while not port_file.exists() or not port_file.read_text().strip():
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text().strip()}"
    finally:
        process.terminate()
        process.wait()


def _peak(info: dict[str, object]) -> float:
    children = info["children"]
    assert isinstance(children, list)
    return peak_mib(next(c["pid"] for c in children if c["name"] == "worker"))


def show(
    arguments: argparse.Namespace,
    durables: list[dict[str, float]],
    floors: list[dict[str, float]],
    memory: float,
) -> None:
    """The table."""
    table = Table(title=f"{arguments.date} ({arguments.source}), medians of {arguments.runs}")
    for column in ("", "durable s", "floor s", "ratio"):
        table.add_column(column, justify="left" if not column else "right")
    for name in durables[0]:
        d = statistics.median(run[name] for run in durables)
        f = statistics.median(run[name] for run in floors)
        table.add_row(name, f"{d:.2f}", f"{f:.2f}", f"{d / f:.2f}" if f else "")
    console = Console(width=80)
    console.print(table)
    d = statistics.median(run["day"] for run in durables)
    f = statistics.median(run["day"] for run in floors)
    console.print(f"ratio {d / f:.2f}, difference {d - f:.2f} s (bar: 1.5 x or 4 s, whichever is more)")
    console.print(f"phase 5: {statistics.median(r['predictions'] for r in durables):.2f} s (bar: 3 s)")
    console.print(f"worker's peak memory: {memory:.0f} MiB (bar: 1,024 MiB)")
    console.print(f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB")


if __name__ == "__main__":
    main()
