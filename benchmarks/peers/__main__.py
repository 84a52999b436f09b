"""The same day under tipoff and its peers: `python -m benchmarks.peers --runs 5 --kills 20`.

Every system gets copies of one home, the same processor functions (`work.py`), warehouse and HTTP, and takes
its turn in every round. Prints what each takes and, with `--kills`, what a SIGKILL of all its processes at a
random instant leaves: everything is started again and the tables are compared with an undisturbed run's.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.day import prepared, replay
from benchmarks.machine import described
from benchmarks.peers import environment
from benchmarks.peers.systems import SYSTEMS, Course, NotDone, System
from benchmarks.peers.tables import Contents, Difference, contents, difference
from benchmarks.peers.work import JOURNAL, LEVELS, STEPS
from starter.places import find_data

WIDEST = max(len(names) for _, names in LEVELS)
"""As many steps may be under way at once: to begin no more than these again is to go on where it stood."""


@dataclass(frozen=True)
class Kill:
    """What one kill left."""

    at: float
    """Seconds after the start."""
    again: int
    """Steps begun again."""
    seconds: float | None
    """From starting everything again to the day's end; None: it did not end."""
    tables: Difference


@dataclass
class Figures:
    """What one system has shown."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    expected: dict[str, Contents] = field(default_factory=dict)


class Comparison:
    """All systems over copies of one home."""

    def __init__(self, root: Path, base: Path, day: date, systems: list[System]) -> None:
        self.figures = {system: Figures() for system in systems}
        self._root, self._base, self._day = root, base, day
        self._python = environment.python()
        data = find_data(None)
        assert data
        self._data = data

    @contextmanager
    def _course(self, system: System, name: str) -> Iterator[Course]:
        """A day on a copy of the home. Every upstream is as cold as the one that tipoff starts itself."""
        home = self._root / f"{system.name.replace(' ', '-')}-{name}"
        shutil.copytree(self._base, home)
        with nullcontext("") if system.server == "tipoff" else replay(home, "recorded") as url:
            course = Course(system, home, self._day, url, self._python, self._data)
            with course.lived():
                yield course

    def measure(self, system: System, number: int) -> None:
        """One undisturbed day."""
        figures = self.figures[system]
        with self._course(system, str(number)) as course:
            course.start()
            course.begin()
            figures.seconds.append(course.finish())
            figures.peaks.append(course.peak_mib)
            course.stop()
        if not figures.expected:
            figures.expected = contents(course.home)
        shutil.rmtree(course.home)

    def kill(self, system: System, seed: int) -> None:
        """One day, killed once at a random instant of it."""
        figures = self.figures[system]
        at = random.Random(seed).uniform(0, statistics.median(figures.seconds))
        with self._course(system, f"kill-{seed}") as course:
            course.start()
            course.begin()
            time.sleep(at)
            course.kill()
            restarted = time.monotonic()
            try:
                course.start()
                course.begin()
                course.finish()
                seconds = time.monotonic() - restarted
            except NotDone as reason:
                sys.stderr.write(f"{reason}, killed after {at:.2f} s\n")
                seconds = None
            course.stop()
        journal = course.home / JOURNAL
        lines = journal.read_text().splitlines() if journal.exists() else []
        begun = Counter(line for line in lines if line.startswith("begin"))
        again = begun.total() - len(begun)
        figures.kills.append(Kill(at, again, seconds, difference(contents(course.home), figures.expected)))
        shutil.rmtree(course.home)


def speeds(figures: dict[System, Figures]) -> Table:
    """What each takes."""
    floor = next((statistics.median(f.seconds) for s, f in figures.items() if s.name == "floor"), None)
    table = Table(title=f"{STEPS} processors, medians")
    for column in ("system", "setting", "s", "× floor", "ms a step over it", "peak MiB"):
        table.add_column(column, justify="left" if column in ("system", "setting") else "right")
    for system, found in figures.items():
        seconds = statistics.median(found.seconds)
        beside = (
            ["", ""]
            if floor is None
            else [f"{seconds / floor:.2f}", f"{1e3 * (seconds - floor) / STEPS:.0f}"]
        )
        table.add_row(
            system.name, system.setting, f"{seconds:.2f}", *beside, f"{statistics.median(found.peaks):.0f}"
        )
    return table


def survivals(figures: dict[System, Figures]) -> Table:
    """What SIGKILL leaves of each."""
    table = Table(title="SIGKILL of everything at a random instant, everything started again")
    columns = (
        "system", "goes on", "where it stood", f"of {STEPS} steps begun again: median, most",
        "s from there to the end (how many)",
        "rows twice", "rows lost", "tables equal",
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column in ("system", "goes on") else "right")
    for system, found in figures.items():
        kills = found.kills
        if not kills:
            continue
        again = [kill.again for kill in kills]
        ended = [kill.seconds for kill in kills if kill.seconds is not None]
        table.add_row(
            system.name, system.resumes, f"{sum(n <= WIDEST for n in again)} of {len(kills)}",
            f"{statistics.median(again):.0f}, {max(again)}",
            f"{statistics.median(ended or [math.nan]):.1f} ({len(ended)})",
            str(sum(kill.tables.doubled for kill in kills)), str(sum(kill.tables.lost for kill in kills)),
            f"{sum(not kill.tables.unequal for kill in kills)} of {len(kills)}",
        )  # fmt: skip
    return table


def main() -> None:
    """Prints both tables; ends with 1 if tipoff's tables differ after a kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 11, 12))
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--only", default="", help="systems by name, by commas: floor,tipoff,prefect durable")
    parser.add_argument("--base", type=Path, help="keep the home with history here, or take it from here")
    arguments = parser.parse_args()
    only = [name.strip() for name in arguments.only.split(",") if name.strip()]
    unknown = sorted(set(only) - {s.name for s in SYSTEMS})
    if unknown:
        parser.error(
            f"--only: there is no {', '.join(unknown)}; possible: {', '.join(s.name for s in SYSTEMS)}"
        )
    systems = [s for s in SYSTEMS if not only or s.name in only]
    with tempfile.TemporaryDirectory(prefix="tipoff-peers-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        base = prepared(arguments.base or root / "base", "recorded", arguments.date, arguments.seasons)
        figures = measured(base, root, arguments.date, systems, arguments.runs, arguments.kills)
    console = Console(width=130)
    console.print(speeds(figures))
    if arguments.kills:
        console.print(survivals(figures))
    console.print(described())
    ours = [kill for s, f in figures.items() if s.name == "tipoff" for kill in f.kills]
    raise SystemExit(any(kill.tables.unequal for kill in ours))


def measured(
    base: Path, root: Path, day: date, systems: list[System], runs: int, kills: int
) -> dict[System, Figures]:
    """So many undisturbed days of each system, by turns, then as many that are killed."""
    comparison = Comparison(root, base, day, systems)
    for number in range(runs):
        # Nobody always comes after the same one.
        turn = number % len(systems)
        for system in systems[turn:] + systems[:turn]:
            comparison.measure(system, number)
            sys.stderr.write(f"{system.name}: {comparison.figures[system].seconds[-1]:.2f} s\n")
    for seed in range(kills):
        for system in systems:
            if system.name != "floor":
                comparison.kill(system, seed)
                sys.stderr.write(f"{system.name}: {comparison.figures[system].kills[-1]}\n")
    return comparison.figures


if __name__ == "__main__":
    main()
