"""Faults of every kind, in random combinations, injected into days that real processes run.

`python -m benchmarks.chaos --days 3 --rounds 60 --seed 1 --root <folder>`

Each round is lived from a copy of one prepared home, in a league that may be different from the recorded one,
and must leave what the undisturbed run of that league leaves. The same command goes on where it was
interrupted. Ends with 1 if a round broke an invariant, and names it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console

from benchmarks.chaos.base import base_home
from benchmarks.chaos.kinds import KINDS, Kind, Needs
from benchmarks.chaos.plan import Round, planned
from benchmarks.chaos.report import line, show
from benchmarks.chaos.round import Setting, Verdict, baseline_of, known_verdict, live
from benchmarks.chaos.worlds import WORLDS, World

INTERRUPTED = 2
FIRST = date(2025, 11, 6)


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--days", type=int, default=3, help="consecutive dates of a round")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="which faults strike when")
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST, help="the first date")
    parser.add_argument("--source", choices=("recorded", "simulated"), default="recorded")
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--root", type=Path, help="a folder for the homes and the verdicts; kept")
    parser.add_argument("--jobs", type=int, default=1, help="rounds at once")
    parser.add_argument(
        "--slice", type=float, default=0, metavar="SECONDS", help="begin no round after so long"
    )
    parser.add_argument("--only", default="", help="kinds of faults, by commas (default: all)")
    parser.add_argument("--without-production", action="store_true", help="no rounds on the emulator")
    parser.add_argument("--again", action="store_true", help="live broken rounds again")
    parser.add_argument("--round", type=_numbers, default=(), help="these only, by commas, again")
    parser.add_argument(
        "--keep", action="store_true", help="keep the homes of all rounds, not of broken ones only"
    )
    parser.add_argument("--plan", action="store_true", help="only print which faults strike which round")
    return parser.parse_args(words)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(","))


def chosen_kinds(given: argparse.Namespace) -> tuple[Kind, ...]:
    """The kinds that can be injected."""
    names = set(filter(None, given.only.split(",")))
    unknown = names - {kind.name for kind in KINDS}
    if unknown:
        raise SystemExit(f"--only: there is no {', '.join(sorted(unknown))}")
    kinds = [kind for kind in KINDS if not names or kind.name in names]
    if given.without_production:
        kinds = [kind for kind in kinds if kind.needs is not Needs.PRODUCTION]
    return tuple(kinds)


def lived(
    given: argparse.Namespace, rounds: Sequence[Round], worlds: dict[str, World]
) -> list[Verdict] | None:
    """Lives what is not lived yet; None: interrupted by --slice."""
    root = given.root or Path(tempfile.mkdtemp(prefix="tipoff-chaos-"))
    root.mkdir(parents=True, exist_ok=True)
    os.environ["TIPOFF_SOURCE"] = given.source
    base = base_home(root, given.source, given.first, given.seasons)
    days = tuple(given.first + timedelta(days=n) for n in range(given.days))
    setting = Setting(root, base, given.source, days, given.keep)
    until = time.monotonic() + (given.slice or 1e9)
    verdicts: dict[int, Verdict] = {}
    todo = []
    for one in rounds:
        known = known_verdict(root, one)
        if known and (known.kept or not given.again) and one.number not in given.round:
            verdicts[one.number] = known
        else:
            todo.append(one)
    for name, production in dict.fromkeys((one.world, one.production) for one in todo):
        baseline_of(setting, worlds[name], production=production)
    running: set[Future[Verdict]] = set()
    with ThreadPoolExecutor(given.jobs) as pool:
        while todo or running:
            while todo and len(running) < given.jobs and time.monotonic() < until:
                one = todo.pop(0)
                running.add(pool.submit(live, setting, one, worlds[one.world]))
            if not running:
                return None
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                verdict = future.result()
                verdicts[verdict.number] = verdict
                sys.stdout.write(line(verdict) + "\n")
                sys.stdout.flush()
    return [verdicts[number] for number in sorted(verdicts)]


def main(words: Sequence[str] | None = None) -> int:
    """0: every round kept every invariant, 1: one did not, 2: not all rounds were lived yet."""
    given = parsed(words)
    worlds = {world.name: world for world in WORLDS if given.source in world.sources}
    rounds = planned(
        seed=given.seed, rounds=given.rounds, days=given.days, kinds=chosen_kinds(given),
        worlds=tuple(worlds.values()),
    )  # fmt: skip
    if given.round:
        rounds = tuple(one for one in rounds if one.number in given.round)
    if given.plan:
        for one in rounds:
            sys.stdout.write(f"{one.number:3d} {one.world:12} {' '.join(f.kind for f in one.injections)}\n")
        return 0
    verdicts = lived(given, rounds, worlds)
    if verdicts is None:
        sys.stderr.write("not all rounds were lived yet; the same command goes on\n")
        return INTERRUPTED
    title = f"{given.days} days from {given.first} ({given.source}), seed {given.seed}"
    return 0 if show(verdicts, title, Console(width=80)) else 1


if __name__ == "__main__":
    sys.exit(main())
