"""A schedule in 80 columns, times as they are on the wall in New York."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from shared.clock import EASTERN
from shared.schedules import ScheduleReport

NEXT_SHOWN = 3
OVERLAPS = {
    "BUFFER_ALL": "a start waits for the one before; none is left out",
    "SKIP": "a start is left out while the one before is under way",
}


def schedules_view(reports: list[ScheduleReport]) -> RenderableType:
    """Each schedule: when, how, what came of it."""
    return Group(*(_one(report) for report in reports))


def _one(report: ScheduleReport) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    state = "[yellow]paused[/]" if report.paused else "[green]active[/]"
    table.add_row(f"[bold]{report.name}[/]", f"{state} {escape(report.note)}".strip())
    table.add_row("starts", f"{report.workflow} on task queue {escape(report.task_queue)}")
    table.add_row("at", f"{_times(report)} {report.time_zone}, every date")
    table.add_row("overlap", OVERLAPS.get(report.overlap, report.overlap))
    table.add_row("catch-up", f"up to {report.catch_up_seconds / 3600:g} h late")
    following = "" if report.paused else "\n".join(map(_eastern, report.next_starts[:NEXT_SHOWN]))
    table.add_row("next", following or "nothing")
    for start in report.latest_starts[-1:]:
        late = (start.started_at - start.scheduled_at).total_seconds()
        table.add_row("latest", f"{_eastern(start.scheduled_at)}, {late:.0f} s late\n{start.workflow_id}")
    table.add_row(
        "so far",
        f"{report.starts} started, {report.missed} missed, {report.overlapped} left out for overlap",
    )
    return table


def _times(report: ScheduleReport) -> str:
    shown = [f"{at:%H:%M}" for at in report.times]
    if len(shown) <= 3:
        return ", ".join(shown)
    return f"{shown[0]}, {shown[1]} … {shown[-1]} ({len(shown)} times)"


def _eastern(instant: datetime) -> str:
    return f"{instant.astimezone(EASTERN):%a %Y-%m-%d %H:%M %Z}"
