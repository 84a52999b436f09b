"""How a backfill's plan, progress and summary are shown."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from shared.backfill import BackfillInput, BackfillPlan, BackfillProgress, BackfillSummary
from starter.output import styled


def plan_view(plan: BackfillPlan, asked: BackfillInput) -> RenderableType:
    """How the dates stand, and what will be run."""
    table = Table(header_style="bold", title=f"{asked.start} to {asked.end}")
    for name in ("first", "last"):
        table.add_column(name, no_wrap=True)
    table.add_column("dates", justify="right")
    table.add_column("stands", no_wrap=True)
    table.add_column("", overflow="fold")
    for span in plan.spans:
        dates = (span.last - span.first).days + 1
        table.add_row(str(span.first), str(span.last), str(dates), str(span.kind), escape(span.reason))
    counts = ", ".join(f"{n} {kind}" for kind, n in plan.counts.items())
    lines = [f"{counts}; {plan.chosen} to run, {asked.max_parallel} at once"]
    if plan.refusal:
        lines.append(f"refused: {plan.refusal}")
    elif not plan.champion and plan.chosen:
        lines.append("no model may serve the first date: one is trained on the games before it")
    part = [day for day in plan.days if day.phases]
    if part:
        shown = [f"{day.game_date} {' and '.join(day.phases)}" for day in part[:5]]
        lines.append(f"re-triggered: {', '.join(shown)}" + (" …" if len(part) > 5 else ""))
    return Group(table, Text("\n".join(lines)))


def progress_line(progress: BackfillProgress) -> str:
    """One line: how many are done, which run, how long it will take."""
    parts = [f"backfill {progress.state}: {progress.done} of {progress.total} dates"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.running:
        parts.append(", ".join(progress.running))
    if progress.seconds_per_date and progress.remaining_seconds is not None:
        left = timedelta(seconds=round(progress.remaining_seconds))
        parts.append(f"{progress.seconds_per_date:.1f} s a date, {left} to go")
    return "; ".join(parts)


def summary_view(summary: BackfillSummary) -> RenderableType:
    """What became of it."""
    table = Table(show_header=False, title=summary.backfill_id)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("status", styled(summary.status))
    table.add_row("dates", f"{summary.completed} completed, {summary.failed} failed, of {summary.dates}")
    table.add_row("games", f"{summary.games:,}")
    table.add_row("took", f"{timedelta(seconds=round(summary.seconds))}")
    if summary.first_seconds and summary.last_seconds:
        pace = f"{summary.first_seconds:.1f} s at the beginning, {summary.last_seconds:.1f} s at the end"
        table.add_row("a date", pace)
    for failure in summary.failures:
        table.add_row("failed", escape(failure))
    if summary.failed:
        table.add_row("next", f"tipoff backfill {summary.start} {summary.end} --only failed")
    return table
