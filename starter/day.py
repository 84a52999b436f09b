"""Follows a day to its end, showing its phases as they go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any

from rich.console import Console
from rich.live import Live
from temporalio.client import WorkflowFailureError, WorkflowHandle

from shared.errors import deepest
from shared.messages import DayReport, DayStatus, PhaseState
from starter.failure import CommandError
from starter.output import styled
from starter.status_view import day_view
from starter.temporal import ask_query, patiently

POLL_SECONDS = 0.4
SELF_HEAL_SECONDS = 150.0
"""How long a waiting day is given to help itself before the command gives up: two of its own attempts."""

DayHandle = WorkflowHandle[Any, DayReport]


async def follow_day(
    handle: DayHandle, day: date, console: Console, *, give_up_when_waiting: bool
) -> DayReport:
    """The report of a day at its end, or while it waits for an operator if asked to give up then.

    Raises:
        CommandError: it ended badly and can't be asked how.
    """
    ended = asyncio.ensure_future(patiently(handle.result))
    waiting_since: float | None = None
    with _Display(console) as show:
        try:
            while not ended.done():
                report = await ask_status(handle)
                if report:
                    show(report)
                waits = report is not None and report.status is DayStatus.WAITING
                waiting_since = (waiting_since or time.monotonic()) if waits else None
                if (
                    give_up_when_waiting
                    and report
                    and waiting_since
                    and time.monotonic() - waiting_since > SELF_HEAL_SECONDS
                ):
                    return report
                await asyncio.wait({ended}, timeout=POLL_SECONDS)
            report = await _final(handle, ended, day)
            show(report)
            return report
        finally:
            ended.cancel()


async def ask_status(handle: DayHandle) -> DayReport | None:
    """What the day says of itself; None if nobody answers within two seconds."""
    return await ask_query(handle, "status", DayReport)


async def _final(handle: DayHandle, ended: asyncio.Future[DayReport], day: date) -> DayReport:
    try:
        return ended.result()
    except WorkflowFailureError as error:
        # A day that ends badly fails its workflow; what it came to is in its status.
        for _ in range(5):
            report = await ask_status(handle)
            if report:
                status = report.status if report.status is DayStatus.ABORTED else DayStatus.FAILED
                message = report.message or deepest(error)
                return report.model_copy(update={"status": status, "message": message})
        raise CommandError(f"{day} failed: {deepest(error)}") from error


class _Display(AbstractContextManager[Callable[[DayReport], None]]):
    """A live table on a terminal, a line per change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._seen: dict[str, PhaseState] = {}
        self._blocked: set[str] = set()

    def __enter__(self) -> Callable[[DayReport], None]:
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=False)
            self._live.__enter__()
        return self._show

    def __exit__(self, *exception: Any) -> None:
        (self._live or nullcontext()).__exit__(*exception)

    def _show(self, report: DayReport) -> None:
        if self._live:
            self._live.update(day_view(report))
            return
        for phase in report.phases:
            if self._seen.get(phase.name) is phase.state or phase.state is PhaseState.PENDING:
                continue
            self._seen[phase.name] = phase.state
            rows = sum(p.rows for p in phase.processors)
            text = f"{report.game_date} {phase.number} {phase.name} {styled(str(phase.state))}"
            self._console.print(f"{text} {rows:,} rows" if rows else text, soft_wrap=True)
        for blocker in report.blockers:
            if blocker.reason not in self._blocked:
                self._blocked.add(blocker.reason)
                self._console.print(f"  {blocker.processor}: {blocker.reason}", soft_wrap=True)
                self._console.print(f"  {blocker.command}", soft_wrap=True)
