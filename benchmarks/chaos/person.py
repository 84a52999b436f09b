"""The person on call: waits until what is broken is mended, then does what the day says that helps.

No more than that: retrigger of a phase that waits, resume of a day that stands paused, a day begun again that
was aborted or failed, and in the evening a phase run again that was skipped, lacks a part, or warned of
something of which the same day without faults does not warn.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.watch import Watch
from shared.messages import DayReport, DayStatus, PhaseState, Resume, Retrigger
from shared.phases import PHASES
from starter.failure import CommandError
from starter.temporal import patiently
from worker.day_messages import DayMessages, NotForThisDay

SETTLES = 1.0
"""Seconds between an act and the next look: a message is acted on by then."""
EVENINGS = 4
"""How often a day is run again in its evening, at most."""
WORTH_WAITING_FOR = 60.0
"""Seconds."""
FIRST = PHASES[0].name
_LEFT_ALONE = re.compile(r"not asked before (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")


@dataclass
class Person:
    """One per day."""

    lived: Lived
    watch: Watch
    usual_warnings: Mapping[str, int]
    """By processor: of how many things the same day warns without faults."""
    evening: bool = True
    """Whether to look at the day once it has ended."""
    acts: list[str] = field(default_factory=list)
    _number: int = 0
    _not_before: float = 0.0
    _evenings: int = 0

    async def look(self) -> DayReport | None:
        """Looks once and acts if there is something to do. The day's last report, once nothing is left."""
        if time.time() < max(self._not_before, self.lived.active_until):
            return None
        closed = await self.watch.closed()
        report = await self.watch.report()
        if report is None:
            return None
        if closed is None:
            await self._help(report)
            return None
        if closed is not WorkflowExecutionStatus.COMPLETED:
            undone = [p.name for p in report.phases if p.state is not PhaseState.COMPLETED]
            await self._retrigger(undone[0] if undone else FIRST, f"begun again: {report.message}")
            return None
        again = self._left(report) if self.evening else None
        if again and self._waits_for(" ".join(report.sources)):
            return None
        if again is None or self._evenings >= EVENINGS:
            return report
        self._evenings += 1
        await self._retrigger(*again)
        return None

    async def _help(self, report: DayReport) -> None:
        if report.status is DayStatus.PAUSED:
            await self._send("resume", Resume(**self._words("found paused")))
        elif report.status is DayStatus.WAITING and report.blockers:
            first = report.blockers[0]
            if self._waits_for(first.reason):
                return
            why = f"mended: {first.reason}"[:200]
            # What did not help once is not tried again: then what it reads is fetched anew.
            again = any(act.endswith(f"{first.phase}: {why}") for act in self.acts)
            await self._retrigger(FIRST if again else first.phase, why)

    def _waits_for(self, text: str) -> bool:
        """Whether a source is left alone until soon: nothing else is to be done before."""
        until = max(map(datetime.fromisoformat, _LEFT_ALONE.findall(text)), default=None)
        left = until.replace(tzinfo=UTC).timestamp() - time.time() if until else 0.0
        if 0 < left < WORTH_WAITING_FOR:
            self._not_before = time.time() + left
            return True
        return False

    def _left(self, report: DayReport) -> tuple[str, str] | None:
        """Which phase to run again, and why."""
        for phase in report.phases:
            if phase.state is PhaseState.SKIPPED:
                return phase.name, "it was skipped"
            for processor in phase.processors:
                if processor.state is PhaseState.FAILED:
                    return FIRST, f"{processor.name} failed: {processor.error}"[:200]
                if processor.warnings > self.usual_warnings.get(processor.name, 0):
                    return FIRST, f"{processor.name} warned"
        return None

    async def _retrigger(self, phase: str, why: str) -> None:
        await self._send("retrigger", Retrigger(phase=phase, **self._words(why)))

    def _words(self, why: str) -> dict[str, str]:
        self._number += 1
        request = f"person-{self.watch.day}-{self._number}"
        return {"request_id": request, "reason": why, "requested_by": "the person on call"}

    async def _send(self, action: str, request: Retrigger | Resume) -> None:
        self._not_before = time.time() + SETTLES
        with suppress(RPCError, CommandError, NotForThisDay):
            connection = await self.lived.connection()
            messages = DayMessages(connection.client, connection.task_queue, patiently)
            await messages.send(self.watch.day, action, request)
            what = f" {request.phase}" if isinstance(request, Retrigger) else ""
            self.acts.append(f"{self.watch.day} {action}{what}: {request.reason}")


def warnings_of(report: DayReport) -> dict[str, int]:
    """By processor, of how many things a day warned."""
    return {p.name: p.warnings for phase in report.phases for p in phase.processors if p.warnings}
