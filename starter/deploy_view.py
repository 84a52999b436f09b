"""What a deployment looks like, in 80 columns."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from shared.deployments import BuildState, DayMoved, DeployReport

STYLES = {"current": "green", "ramping": "cyan", "draining": "yellow", "moved": "green", "kept": "red"}
DAYS_SHOWN = 3


def deploy_view(report: DeployReport) -> RenderableType:
    """The builds and what to do with each, then what became of the days under way."""
    builds = Table(header_style="bold", title=f"deployment {escape(report.deployment)}", title_justify="left")
    builds.add_column("build", overflow="fold")
    builds.add_column("", no_wrap=True)
    builds.add_column("workers", justify="right")
    builds.add_column("days under way")
    builds.add_column("to do", overflow="fold")
    for build in report.builds:
        builds.add_row(
            escape(build.build_id or "unknown"), styled(build.status), str(len(build.workers)), _days(build),
            to_do(build),
        )  # fmt: skip
    parts: list[RenderableType] = [builds]
    if report.days:
        days = Table(header_style="bold")
        days.add_column("day", no_wrap=True)
        days.add_column("begun on", overflow="fold")
        days.add_column("", no_wrap=True)
        days.add_column("", overflow="fold", ratio=1)
        for day in report.days:
            days.add_row(str(day.game_date), escape(day.build_id), styled(day.outcome), escape(_said(day)))
        parts.append(days)
    return Group(*parts)


def styled(word: str) -> str:
    """A status or an outcome in its colour."""
    return f"[{STYLES[word]}]{word}[/]" if word in STYLES else word


def to_do(build: BuildState) -> str:
    """What a person does about a build; empty: nothing."""
    days, workers = len(build.days), len(build.workers)
    if build.status == "current":
        return "" if workers else "start a worker of it"
    if days and not workers:
        return "start a worker of it: its days stand still"
    if build.status == "inactive" and workers:
        return f"tipoff deploy {escape(build.build_id)}, or stop its workers"
    if build.status == "draining" or days:
        return "keep until drained"
    return "stop its workers" if workers else ""


def _days(build: BuildState) -> str:
    shown = ", ".join(map(str, build.days[:DAYS_SHOWN]))
    more = len(build.days) - DAYS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _said(day: DayMoved) -> str:
    if day.outcome == "moved":
        return "parked; goes on on the new build"
    if day.outcome == "finishes":
        return "has work under way; ends on its own build"
    return day.why
