"""The table of a run, and the line of a round."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.chaos.kinds import KINDS
from benchmarks.chaos.round import Verdict
from benchmarks.chaos.worlds import CALM


def line(verdict: Verdict) -> str:
    """One round in a line; broken: with its faults and what does not hold."""
    faults = " ".join(f"{one}×{n}" if n > 1 else one for one, n in _struck(verdict).items())
    head = f"round {verdict.number:2d} {verdict.world}: {faults or 'nothing'}; {verdict.seconds:.0f} s; "
    if verdict.kept:
        return f"{head}{len(verdict.acts)} acts of a person; kept"
    broken = "\n".join(f"    {one['invariant']}: {one['what']}" for one in verdict.findings)
    missed = f"\n    not injected: {', '.join(verdict.missed)}" if verdict.missed else ""
    return f"{head}BROKEN\n{broken}{missed}"


def _struck(verdict: Verdict) -> Counter[str]:
    return Counter(str(one["kind"]) for one in verdict.struck)


def show(verdicts: Sequence[Verdict], title: str, console: Console) -> bool:
    """Prints the table; whether every round kept every invariant."""
    table = Table(title=title)
    for column in ("fault", "injected", "rounds", "kept", "median s", "worst s"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for kind in KINDS:
        struck = [(v, one) for v in verdicts for one in v.struck if one["kind"] == kind.name]
        if not struck:
            continue
        rounds = {v.number: v for v, _ in struck}
        times = [one["recovered"] for _, one in struck if one.get("recovered") is not None]
        table.add_row(
            kind.name, str(len(struck)), str(len(rounds)), str(sum(v.kept for v in rounds.values())),
            f"{statistics.median(times):.1f}" if times else "", f"{max(times):.1f}" if times else "",
        )  # fmt: skip
    worlds = Counter(v.world for v in verdicts if v.world != CALM.name)
    for world, count in sorted(worlds.items()):
        kept = sum(v.kept for v in verdicts if v.world == world)
        table.add_row(f"world: {world}", str(count), str(count), str(kept), "", "")
    console.print(table)
    times = [one["recovered"] for v in verdicts for one in v.struck if one.get("recovered") is not None]
    figures = Counter[str]()
    for verdict in verdicts:
        figures.update({k: v for k, v in verdict.figures.items() if k != "longest"})
    faults = sum(len(v.struck) for v in verdicts) + sum(worlds.values())
    good = sum(v.kept for v in verdicts)
    console.print(
        f"{faults} faults in {len(verdicts)} rounds; {good} of {len(verdicts)} kept every invariant"
    )
    if times:
        console.print(
            f"from fault to progress: median {statistics.median(times):.1f} s, worst {max(times):.1f} s, "
            f"{len(times)} recoveries"
        )
    console.print(
        f"{figures['completed']:,} runs of processors, {figures['begun_again']} attempts beyond the first "
        f"({figures['chunks_again']} of chunks); {figures['done_twice']} found their rows written already; "
        "rows twice: 0"
        if good == len(verdicts)
        else f"broken: rounds {', '.join(str(v.number) for v in verdicts if not v.kept)}"
    )
    return good == len(verdicts)
