"""Every benchmark in one table: `python -m benchmarks.suite --runs 5`.

`--only day,peers` runs some of the parts. `dagster`, with a process for each op, takes hours and is run only
when named. Ratios are of figures from one run. A figure that has to keep a bar has it beside it. What each
part has found is said on the way too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import cost, day, latency, recovery, scale
from benchmarks.day import prepared
from benchmarks.machine import described
from benchmarks.peers import __main__ as peers
from benchmarks.peers.systems import SYSTEMS, System
from benchmarks.peers.work import STEPS

DATE = date(2025, 11, 12)
"""Recorded, with 12 games."""
HISTORY_SEASONS = 1
SEASON = ("2024-10-22", "2025-04-13")
SEASON_DATES = 163
"""So many of these have games; the others are backfilled with them."""
RECOVERY_DATE = date(2025, 11, 28)


@dataclass(frozen=True)
class Options:
    """What the parts share."""

    root: Path
    runs: int
    kills: int

    @property
    def base(self) -> Path:
        """The home with recorded history, made by the first part that needs it."""
        return prepared(self.root / "base", "recorded", DATE, HISTORY_SEASONS)

    def folder(self, name: str) -> Path:
        """A part's own."""
        made = self.root / name
        made.mkdir()
        return made


@dataclass(frozen=True)
class Row:
    """One figure, what it stands beside, and the bar that it has to keep."""

    what: str
    figure: str
    beside: str = ""
    bar: str = ""
    kept: bool = True


def _most(what: str, value: float, bar: float, unit: str, beside: str = "") -> Row:
    return Row(what, f"{value:.2f} {unit}", beside, f"at most {bar:g} {unit}", value <= bar)


def day_rows(options: Options) -> list[Row]:
    """The durable day beside the floor."""
    durables, floors, peak = day.measured(options.base, options.folder("day"), "recorded", DATE, options.runs)

    def median(runs: list[dict[str, float]], name: str) -> float:
        return statistics.median(run[name] for run in runs)

    d, f = median(durables, "day"), median(floors, "day")
    rows = [_most("durable / floor", d / f, 1.5, "×", f"{d:.2f} s / {f:.2f} s")]
    for name, bar in (("precompute", 1.0), ("predictions", 2.0)):
        rows.append(_most(name, median(durables, name), bar, "s", f"floor {median(floors, name):.2f} s"))
    rows.append(Row("worker's peak", f"{peak:.0f} MiB"))
    return rows


def peers_rows(options: Options) -> list[Row]:
    """tipoff beside Prefect, DBOS, Dagster in one process and the floor."""
    return _beside_floor(options, "peers", [s for s in SYSTEMS if not s.process_an_op])


def dagster_rows(options: Options) -> list[Row]:
    """tipoff beside Dagster with a process for each op, and the floor."""
    ours = [s for s in SYSTEMS if s.name in ("floor", "tipoff")]
    return _beside_floor(options, "dagster", [*ours, *(s for s in SYSTEMS if s.process_an_op)])


def _beside_floor(options: Options, name: str, systems: list[System]) -> list[Row]:
    figures = peers.measured(options.base, options.folder(name), DATE, systems, options.runs, options.kills)
    seconds = {system.name: statistics.median(found.seconds) for system, found in figures.items()}
    over = {name: 1e3 * (taken - seconds["floor"]) / STEPS for name, taken in seconds.items()}
    least = min(ms for name, ms in over.items() if name.startswith(("prefect", "dagster")))
    rows = []
    for system, found in figures.items():
        ours = system.name == "tipoff"
        rows.append(
            Row(
                system.name, f"{over[system.name]:.0f} ms a step",
                f"{seconds[system.name]:.2f} s, {statistics.median(found.peaks):.0f} MiB",
                f"below {least:.0f} ms" if ours else "", not ours or over[system.name] < least,
            )
        )  # fmt: skip
        if found.kills:
            equal = sum(not kill.tables.unequal for kill in found.kills)
            again = [kill.again for kill in found.kills]
            whole = f"{len(found.kills)} of {len(found.kills)}"
            rows.append(
                Row(
                    f"{system.name}, killed", f"{equal} of {len(found.kills)} equal",
                    f"steps again {statistics.median(again):.0f}, most {max(again)}", whole if ours else "",
                    not ours or equal == len(found.kills),
                )
            )  # fmt: skip
    return rows


def scale_rows(options: Options) -> list[Row]:
    """1, 3 and 10 times the players and books."""
    found = scale.measured(options.folder("scale"), (1, 3, 10), options.runs, scale.DATE)
    seconds = {factor: statistics.median(one.seconds for one in lived) for factor, lived in found.items()}
    rows = []
    for factor, lived in found.items():
        told = lived[-1].told
        peak = statistics.median(one.peak_mib for one in lived)
        beside = f"{seconds[factor]:.2f} s, {lived[-1].players:,} players, {peak:.0f} MiB"
        rows += [
            _most(f"{factor} ×: time", seconds[factor] / seconds[1], factor, "×", beside),
            Row(
                f"{factor} ×: events", f"{told.events:,}", f"biggest payload {told.biggest_payload:,} B",
                f"under {scale.EVENTS:,}; {scale.PAYLOAD:,} B",
                told.events < scale.EVENTS and told.biggest_payload < scale.PAYLOAD,
            ),
        ]  # fmt: skip
    return rows


def latency_rows(options: Options) -> list[Row]:
    """How soon a busy worker answers."""
    idle, busy = latency.measured(options.base, DATE, latency.ROUNDS)

    def both(samples: latency.Samples, what: str) -> str:
        return " / ".join(f"{1e3 * latency.percentile(samples.seconds[what], p):.0f}" for p in (0.5, 0.95))

    return [
        Row(f"{what}: p50 / p95", f"{both(busy, what)} ms", f"idle {both(idle, what)} ms")
        for what in busy.seconds
    ]


def cost_rows(options: Options) -> list[Row]:
    """What production would pay."""
    found = cost.counted(options.base, DATE)
    prices = tomllib.loads(cost.PRICES.read_text())
    dates, old = prices["season"]["dates"], prices["old_system"]["load_jobs_a_day"]
    used, costs = found.day, cost.dollars(found, prices)
    loads = used.loads.total()
    each = ", ".join(f"{name} {usd:.2f}" for name, usd in costs.items())
    return [
        Row("load jobs a date", f"{loads:,}", f"the old system's {old:,}", f"under {old:,}", loads < old),
        Row("actions a date", f"{used.actions.total():,}", f"a season {used.actions.total() * dates:,}"),
        Row(
            "billed a date", f"{used.billed / cost.GIB:.1f} GiB",
            f"scanned {used.processed / cost.GIB:.2f} GiB",
        ),
        Row(
            "stored a date", f"{found.warehouse_bytes / cost.MIB:.1f} MiB",
            f"and {found.object_bytes / cost.MIB:.1f} MiB of responses",
        ),
        Row("a season", f"{sum(costs.values()):.2f} USD", each),
    ]  # fmt: skip


def recovery_rows(options: Options) -> list[Row]:
    """From SIGKILL to progress."""
    victims = recovery.VICTIMS
    found, doubled = recovery.measured(RECOVERY_DATE, "simulated", 0, options.runs, victims)
    rows = []
    for victim in victims:
        seconds = [one.seconds for one in found if one.victim == victim]
        beside = f"worst {max(seconds):.2f} s of {len(seconds)}"
        median = statistics.median(seconds)
        ours = victim == victims[0]
        rows.append(
            _most(f"{victim} killed", median, recovery.MEDIAN_BAR, "s", beside)
            if ours
            else Row(f"{victim} killed", f"{median:.2f} s", beside)
        )
    return [*rows, Row("rows twice", str(doubled), "", "0", not doubled)]


def season_rows(options: Options) -> list[Row]:
    """A season's backfill, undisturbed; `python -m benchmarks.season` does more."""
    folder = options.folder("season")
    command = [sys.executable, "-m", "benchmarks.season", *SEASON, "--root", str(folder)]
    subprocess.run([*command, "--runs", "undisturbed"], check=True, stdout=subprocess.DEVNULL)
    course = json.loads((folder / "undisturbed.json").read_text())
    dates = course["summary"]["dates"]
    beside = f"{dates} dates, {course['seconds'] / dates:.2f} s a date"
    return [
        _most(f"{SEASON_DATES} dates with games", course["seconds"] / 60, 8, "min", beside),
        _most("worker's peak", course["peak_mib"] / 1024, 1.5, "GiB"),
    ]


PARTS: dict[str, Callable[[Options], list[Row]]] = {
    "day": day_rows, "peers": peers_rows, "scale": scale_rows, "latency": latency_rows, "cost": cost_rows,
    "recovery": recovery_rows, "season": season_rows, "dagster": dagster_rows,
}  # fmt: skip
LONG = frozenset({"dagster"})


def main() -> None:
    """Prints the table; ends with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"parts, by commas, of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, default=5, help="of each; the medians are shown")
    parser.add_argument("--kills", type=int, default=20, help="of each peer")
    arguments = parser.parse_args()
    only = [name.strip() for name in arguments.only.split(",") if name.strip()]
    if unknown := [name for name in only if name not in PARTS]:
        parser.error(f"--only: there is no {', '.join(unknown)}; possible: {', '.join(PARTS)}")
    os.environ["TIPOFF_SOURCE"] = "recorded"
    table = Table(title=f"Medians of {arguments.runs}")
    for column in ("part", "what", "figure", "beside", "bar", ""):
        table.add_column(column)
    kept = True
    with tempfile.TemporaryDirectory(prefix="tipoff-suite-", ignore_cleanup_errors=True) as folder:
        options = Options(Path(folder), arguments.runs, arguments.kills)
        for name in only or [part for part in PARTS if part not in LONG]:
            sys.stderr.write(f"{name} …\n")
            for row in PARTS[name](options):
                word = ("kept" if row.kept else "MISSED") if row.bar else ""
                sys.stderr.write(f"  {row.what}: {row.figure} ({row.beside}) {word}\n")
                table.add_row(name, row.what, row.figure, row.beside, row.bar, word)
                kept = kept and row.kept
            table.add_section()
    console = Console(width=130)
    console.print(table)
    console.print(described())
    raise SystemExit(not kept)


if __name__ == "__main__":
    main()
