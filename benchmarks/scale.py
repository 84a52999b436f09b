"""A day with 1, 3 and 10 times the players and books: `python -m benchmarks.scale --runs 5`.

The simulated league with more players a team (`replay/simulated_crowd.py`) and more books. Each size gets a
home with the games of the season so far and a model, and lives the same date on copies of it. Prints time,
the worker's peak memory, events of the day with its children, the longest history, the biggest payload.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.histories import Told, told
from benchmarks.machine import described
from benchmarks.stacks import child, peak_mib, running
from shared import jobs, names
from shared.config import TASK_QUEUE
from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput, DayReport
from warehouse.connect import connect

DATE = date(2025, 11, 25)
"""Ten games, five weeks into a season."""

BOOKS = 5
"""Of the league as it is."""

EVENTS, PAYLOAD = 3_000, 100_000
"""What a day at 10 x may have, in events and in bytes of one payload."""


@dataclass(frozen=True)
class Lived:
    """One day."""

    seconds: float
    peak_mib: float
    told: Told
    players: int
    """Predicted by each system."""
    lines: int


def upstream(factor: int) -> tuple[str, ...]:
    """The command of the league of a size."""
    size = ("--crowd", str(factor), "--books", str(BOOKS * factor))
    return (sys.executable, "-m", "replay", *size)


async def prepare(home: Path, factor: int, day: date) -> None:
    """The season's games so far, and a model."""
    home.mkdir(parents=True)
    as_of = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    history = jobs.LoadHistoryInput(until=day - timedelta(days=1), seasons=0, as_of=as_of)
    training = jobs.TrainInput(trained_through=day - timedelta(days=2), as_champion=True)
    async with running(home, "simulated", replay=upstream(factor)) as (_, client):
        for workflow, request in ((names.LOAD_HISTORY, history), (names.TRAIN_MODEL, training)):
            await client.execute_workflow(workflow, request, id=f"scale-{workflow}", task_queue=TASK_QUEUE)


async def live(home: Path, factor: int, day: date) -> Lived:
    """The day, on a home with history."""
    async with running(home, "simulated", replay=upstream(factor)) as (info, client):
        began = time.monotonic()
        await client.execute_workflow(
            names.DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
            task_queue=TASK_QUEUE, result_type=DayReport,
        )  # fmt: skip
        seconds = time.monotonic() - began
        peak = peak_mib(child(info, "worker"))
        histories = await told(client, daily_workflow_id(day))
    warehouse = connect("duckdb", home=home)
    try:
        predictions = warehouse.read(
            "nba_predictions.player_prop_predictions", columns=["player_id"], dates=[day]
        )
        lines = len(warehouse.read("nba_raw.player_points_props", columns=["player_id"], dates=[day]))
    finally:
        warehouse.close()
    return Lived(seconds, peak, histories, predictions["player_id"].nunique(), lines)


def measured(root: Path, factors: Sequence[int], runs: int, day: date) -> dict[int, list[Lived]]:
    """So many days of each size, by turns."""
    for factor in factors:
        asyncio.run(prepare(root / f"base-{factor}", factor, day))
    found: dict[int, list[Lived]] = {factor: [] for factor in factors}
    for number in range(runs):
        for factor in factors:
            home = root / f"day-{factor}-{number}"
            shutil.copytree(root / f"base-{factor}", home)
            found[factor].append(asyncio.run(live(home, factor, day)))
            shutil.rmtree(home)
    return found


def show(found: dict[int, list[Lived]], console: Console) -> bool:
    """The table; whether growth is as it should be."""
    runs = len(next(iter(found.values())))
    table = Table(title=f"A simulated day by size, medians of {runs}")
    for column in (
        "players and books", "predicted", "lines", "s", "× time", "peak MiB", "events", "longest history",
        "biggest payload, B",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    seconds = {factor: statistics.median(one.seconds for one in lived) for factor, lived in found.items()}
    least = min(found)
    for factor, lived in found.items():
        last = lived[-1]
        table.add_row(
            f"{factor} ×", f"{last.players:,}", f"{last.lines:,}", f"{seconds[factor]:.2f}",
            f"{seconds[factor] / seconds[least]:.2f}",
            f"{statistics.median(one.peak_mib for one in lived):.0f}", f"{last.told.events:,}",
            f"{last.told.biggest_history:,}", f"{max(one.told.biggest_payload for one in lived):,}",
        )  # fmt: skip
    console.print(table)
    console.print(described())
    every = [one for lived in found.values() for one in lived]
    return (
        all(seconds[factor] / seconds[least] <= factor / least for factor in found)
        and max(one.told.events for one in every) < EVENTS
        and max(one.told.biggest_payload for one in every) < PAYLOAD
    )


def main() -> None:
    """Prints the table; ends with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=DATE)
    parser.add_argument("--factors", default="1,3,10")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    factors = [int(factor) for factor in arguments.factors.split(",")]
    with tempfile.TemporaryDirectory(prefix="tipoff-scale-", ignore_cleanup_errors=True) as folder:
        found = measured(Path(folder), factors, arguments.runs, arguments.date)
    raise SystemExit(not show(found, Console(width=130)))


if __name__ == "__main__":
    main()
