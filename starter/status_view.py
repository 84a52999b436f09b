"""A day's status, as something to look at in 80 columns."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from shared.clock import EASTERN
from shared.messages import DayReport, DayStatus, PhaseState, PhaseStatus
from starter.failure import DONE, FAILED, WAITING
from starter.output import styled

ENDED = (DayStatus.COMPLETED, DayStatus.FAILED, DayStatus.ABORTED)


def exit_code(status: DayStatus) -> int:
    """3 while an operator is waited for, 1 for a day that ended badly, else 0."""
    if status is DayStatus.WAITING:
        return WAITING
    return FAILED if status in (DayStatus.FAILED, DayStatus.ABORTED) else DONE


def headline(report: DayReport) -> str:
    """One line: date, status, source, games, when it was planned for."""
    parts = [f"[bold]{report.game_date}[/] {styled(str(report.status))}"]
    if report.source:
        # Said wherever it is shown: nobody may take a simulated league for the real one.
        parts.append("[magenta]SIMULATED league[/]" if report.source == "simulated" else report.source)
    parts.append(f"{report.games} games")
    if report.as_of:
        parts.append(f"as of {clock_text(report.as_of)}")
    if report.message:
        parts.append(escape(report.message))
    return " · ".join(parts)


def clock_text(instant: datetime) -> str:
    """An instant in US/Eastern, to the minute."""
    return f"{instant.astimezone(EASTERN):%Y-%m-%d %H:%M} ET"


def bytes_text(number: int) -> str:
    """Bytes to three digits: `12.3 MiB`."""
    amount, units = float(number), ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.3g} {units[0]}"


def phase_table(report: DayReport, processors: bool) -> Table:
    """Phases, and their processors if asked for."""
    table = Table(box=None, padding=(0, 1), header_style="dim", expand=False)
    table.add_column("phase")
    table.add_column("state")
    for name in ("rows", "att.", "sec."):
        table.add_column(name, justify="right")
    table.add_column("note", overflow="fold")
    for phase in report.phases:
        notes = [f"run {phase.retrigger + 1}"] if phase.retrigger else []
        warnings = sum(p.warnings for p in phase.processors)
        notes += [f"{warnings} warnings"] if warnings else []
        billed = sum(p.bytes_billed for p in phase.processors)
        notes += [f"{bytes_text(billed)} billed"] if billed else []
        rows = sum(p.rows for p in phase.processors)
        table.add_row(
            f"{phase.number} {phase.name}", styled(str(phase.state)), f"{rows:,}" if rows else "", "",
            _seconds(phase), ", ".join(notes),
        )  # fmt: skip
        for p in phase.processors if processors else ():
            said = [f"{p.warnings} warnings"] if p.warnings else []
            said += [f"{bytes_text(p.bytes_billed)} billed"] if p.bytes_billed else []
            table.add_row(
                f"  {p.name}", styled(str(p.state)), f"{p.rows:,}", str(p.attempts or ""),
                f"{p.seconds:.1f}" if p.seconds else "", escape(p.error) or ", ".join(said),
            )  # fmt: skip
    return table


def day_view(report: DayReport, processors: bool = False) -> RenderableType:
    """Headline, phases, blockers with their command, rejected messages."""
    parts: list[RenderableType] = [Text.from_markup(headline(report)), phase_table(report, processors)]
    for blocker in report.blockers:
        again = f", tried again at {blocker.next_attempt:%H:%M:%S} UTC" if blocker.next_attempt else ""
        parts.append(
            Text.from_markup(
                f"[yellow]blocked[/] {blocker.phase}/{blocker.processor}: {escape(blocker.reason)}{again}"
                f"\n  [bold]{escape(blocker.command)}[/]"
            )
        )
    if report.late:
        parts.append(Text.from_markup(f"[red]late[/] {escape(report.late)}"))
    parts += [Text.from_markup(f"[yellow]source[/] {escape(text)}") for text in report.sources]
    parts += [Text.from_markup(f"[red]rejected[/] {escape(text)}") for text in report.rejected]
    return Group(*parts)


def _seconds(phase: PhaseStatus) -> str:
    if phase.started_at and phase.finished_at:
        return f"{(phase.finished_at - phase.started_at).total_seconds():.1f}"
    return "…" if phase.state is PhaseState.RUNNING else ""
