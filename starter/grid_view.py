"""Dates by phases in 80 columns, and below them what is wrong with the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.features import FEATURE_VERSION
from shared.grid import CellState, GridCell, GridDay, StatusGrid
from shared.phases import PHASES
from starter.failure import DONE, FAILED, WAITING

SHOWN = {
    CellState.OK: ("ok", "green"), CellState.WARN: ("warn", "yellow"), CellState.FAILED: ("FAILED", "red"),
    CellState.RUNNING: ("running", "cyan"), CellState.WAITING: ("waiting", "magenta"),
    CellState.MISSING: ("missing", "red"), CellState.STALE: ("stale", "red"), CellState.NONE: ("·", "dim"),
}  # fmt: skip
HEADS = {
    "scrape": "scrape", "raw": "raw", "analytics": "analyt.", "precompute": "precomp",
    "predictions": "predict", "grading": "grading", "publishing": "publish",
}  # fmt: skip
BAD = (CellState.FAILED, CellState.MISSING, CellState.STALE, CellState.WAITING)


def grid_exit_code(grid: StatusGrid) -> int:
    """3 while a phase waits for an operator, 1 if one failed, is missing or is stale, else 0."""
    states = {cell.state for day in grid.days for cell in day.phases.values()}
    if CellState.WAITING in states:
        return WAITING
    return FAILED if states & set(BAD) else DONE


def grid_view(grid: StatusGrid) -> RenderableType:
    """A row a date, the latest below; then what is wrong, phase by phase."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("date", no_wrap=True)
    table.add_column("gm", justify="right")
    for phase in PHASES:
        table.add_column(HEADS[phase.name], no_wrap=True)
    table.add_column("feat", justify="right")
    table.add_column("pred", justify="right")
    for day in grid.days:
        table.add_row(
            f"{day.game_date:%y-%m-%d}", str(day.games or ""), *(_shown(day.phases[p.name]) for p in PHASES),
            _features(day), str(day.predictions or ""),
        )  # fmt: skip
    notes = [Text(line) for day in grid.days for line in _notes(day)]
    return Group(table, *([Text(), *notes] if notes else []))


def _shown(cell: GridCell) -> Text:
    word, style = SHOWN[cell.state]
    return Text(word, style=style)


def _features(day: GridDay) -> Text:
    """Vectors of the version in force; marked where there are others."""
    right = day.features.get(FEATURE_VERSION, 0)
    if len(day.features) > (FEATURE_VERSION in day.features):
        return Text(f"{right}!", style="red")
    return Text(str(right or ""))


def _notes(day: GridDay) -> Iterator[str]:
    """What is wrong with a date; a date that was never run is said once."""
    states = {cell.state for cell in day.phases.values()}
    if states == {CellState.MISSING}:
        yield f"{day.game_date} was never run; tipoff start {day.game_date}"
        return
    for phase in PHASES:
        cell = day.phases[phase.name]
        if cell.state in BAD:
            yield f"{day.game_date} {phase.name} {cell.state}: {cell.why or 'no reason recorded'}"
            yield f"  tipoff retrigger {day.game_date} --phase {phase.name} --reason …"
            return
