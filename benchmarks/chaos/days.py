"""The days of a round, one after another, each with the faults that strike it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from benchmarks.chaos.kinds import KINDS
from benchmarks.chaos.lived import Lived
from benchmarks.chaos.person import Person
from benchmarks.chaos.plan import BEFORE, PHASES, Injection
from benchmarks.chaos.strikes import strike_of
from benchmarks.chaos.watch import Watch
from shared.messages import DayReport, LaunchInput
from shared.names import LAUNCH

BY_NAME = {kind.name: kind for kind in KINDS}
PAUSE = 0.1
LOOKS_EVERY = 0.7
"""Seconds between two looks of the person on call."""
LONGEST = 420.0
"""Seconds that a day may take, whatever happens to it."""


@dataclass
class Struck:
    """A fault that was injected."""

    kind: str
    at: float
    """Unix time."""
    day: str
    phase: str
    route: str


@dataclass
class Course:
    """What happened in a round, as the examination needs it."""

    struck: list[Struck] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    """Faults for which there was no occasion."""
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By date: the last word of the day."""
    acts: list[str] = field(default_factory=list)
    """What the person on call did."""
    unfinished: list[str] = field(default_factory=list)
    """Days that came to no end."""
    began: float = 0.0
    ended: float = 0.0
    warehouse_away: list[tuple[float, float]] = field(default_factory=list)
    """Unix times between which nothing could be recorded."""

    def shown(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


class Days:
    """Runs them."""

    def __init__(
        self, lived: Lived, injections: tuple[Injection, ...], usual: Mapping[str, Mapping[str, int]], *,
        evenings: bool = True,
    ) -> None:  # fmt: skip
        self._lived, self._left = lived, list(injections)
        self._usual, self._evenings = usual, evenings
        self._striking: list[asyncio.Task[None]] = []
        self.course = Course()

    async def run(self) -> Course:
        """All days, to their last word."""
        self.course.began = time.time()
        for number, day in enumerate(self._lived.days):
            await self._run_day(number, day)
        await asyncio.gather(*self._striking)
        self.course.missed += [f"{one.kind} at {one.phase or 'the beginning'}" for one in self._left]
        self.course.ended = time.time()
        return self.course

    async def _run_day(self, number: int, day: date) -> None:
        watch = Watch(self._lived, day)
        person = Person(self._lived, watch, self._usual.get(str(day), {}), evening=self._evenings)
        self._strike([one for one in self._left if one.day <= number and one.phase == BEFORE], day)
        await asyncio.sleep(0.2 if self._striking else 0)
        await self._launch(day)
        following = asyncio.ensure_future(watch.follow())
        looking: asyncio.Task[DayReport | None] | None = None
        until, next_look = time.monotonic() + LONGEST, 0.0
        report: DayReport | None = None
        try:
            while report is None:
                if time.monotonic() > until:
                    self.course.unfinished.append(str(day))
                    break
                self._lived.receivers.mend()
                now = time.time()
                if PHASES[1] in watch.began:
                    self._lived.has_asked[day].set()
                self._strike(
                    [
                        one for one in self._left
                        if one.day <= number and one.phase in watch.began
                        and now >= watch.began[one.phase] + one.delay
                    ],
                    day,
                )  # fmt: skip
                if looking is None and now > next_look:
                    looking = asyncio.ensure_future(person.look())
                elif looking and looking.done():
                    report, looking, next_look = looking.result(), None, now + LOOKS_EVERY
                    if report is not None and any(not one.done() for one in self._striking):
                        # A fault that is still under way may concern the day yet.
                        report = None
                await asyncio.sleep(PAUSE)
        finally:
            following.cancel()
            if looking:
                looking.cancel()
        self.course.acts += person.acts
        if report is not None:
            self.course.reports[str(day)] = report.model_dump(mode="json")

    def _strike(self, due: list[Injection], day: date) -> None:
        for one in due:
            self._left.remove(one)
            self._striking.append(asyncio.ensure_future(self._one(one, day)))

    async def _one(self, injection: Injection, day: date) -> None:
        at = time.time()
        if await strike_of(BY_NAME[injection.kind])(self._lived, injection):
            self.course.struck.append(Struck(injection.kind, at, str(day), injection.phase, injection.route))
        else:
            self.course.missed.append(f"{injection.kind} {injection.route}: nobody met it")
        if injection.kind in ("warehouse_refuses", "warehouse_quota", "disk_full", "warehouse_ambiguous"):
            self.course.warehouse_away.append((at, time.time()))

    async def _launch(self, day: date) -> None:
        """As the schedule does, in whose place the day's launcher is started again until it is there."""
        until = time.monotonic() + LONGEST
        while True:
            with suppress(RPCError):
                client = await self._lived.client()
                try:
                    await client.start_workflow(
                        LAUNCH, LaunchInput(game_date=day), id=f"chaos-launch-{day}",
                        task_queue=self._lived.task_queue,
                    )  # fmt: skip
                except WorkflowAlreadyStartedError:
                    return
                return
            if time.monotonic() > until:
                msg = f"{day} could not be launched"
                raise TimeoutError(msg)
            await asyncio.sleep(0.3)
