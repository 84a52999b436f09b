"""`python -m benchmarks.chaos`: the plan of a seed, one line a round."""

from __future__ import annotations

import argparse
import sys

from benchmarks.chaos.kinds import KINDS
from benchmarks.chaos.plan import planned
from benchmarks.chaos.worlds import WORLDS


def main() -> None:
    """Prints the plan."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for one in planned(seed=given.seed, rounds=given.rounds, days=given.days, kinds=KINDS, worlds=WORLDS):
        sys.stdout.write(f"{one.number:3d} {one.world:12} {' '.join(f.kind for f in one.injections)}\n")


if __name__ == "__main__":
    main()
