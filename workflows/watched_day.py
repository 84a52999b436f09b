"""What a day and the backfill that runs it say to each other: how far it is, and what it may begin."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.backfill import DayProgress, Release, Watch
    from shared.names import DAY_PROGRESS


class WatchedDay:
    """Watchers, held phases and their signals. `DailyPipelineWorkflow` says what there is to tell."""

    def __init__(self, watched_by: str, held: tuple[str, ...]) -> None:
        self.held = set(held)
        """Phases that may not begin before the day before is far enough."""
        self._watchers = [watched_by] if watched_by else []
        self._untold: DayProgress | None = None
        self._last_told: DayProgress | None = None
        self._telling: asyncio.Task[None] | None = None

    def progress_of_day(self) -> DayProgress:
        """How far the day is."""
        raise NotImplementedError

    def tell(self) -> None:
        """Tells the watchers how far the day is, if that is news; the day doesn't wait for it."""
        progress = self.progress_of_day()
        if self._watchers and progress != self._last_told:
            self._untold = self._last_told = progress
            self._telling = self._telling or asyncio.create_task(self._tell_all())

    async def tell_the_end(self) -> None:
        """Tells the watchers that the day has ended. A parent learns it from the result."""
        parent = workflow.info().parent
        if parent:
            self._watchers = [w for w in self._watchers if w != parent.workflow_id]
        self.tell()
        await workflow.wait_condition(lambda: self._telling is None)

    async def _tell_all(self) -> None:
        while self._untold is not None:
            progress, self._untold = self._untold, None
            for watcher in tuple(self._watchers):
                try:
                    await workflow.get_external_workflow_handle(watcher).signal(DAY_PROGRESS, progress)
                except FailureError:
                    # It has ended, and with it the interest.
                    self._watchers = [w for w in self._watchers if w != watcher]
        self._telling = None

    @workflow.signal
    def watch(self, payload: Any = None) -> None:
        """Tell a workflow of this day's progress, until its end."""
        try:
            watcher = Watch.model_validate(payload).workflow_id
        except ValidationError as error:
            workflow.logger.warning("watch rejected: %s", error)
            return
        if watcher not in self._watchers:
            self._watchers.append(watcher)
        self._last_told = None
        self.tell()

    @workflow.signal
    def release(self, payload: Any = None) -> None:
        """The day before is far enough for these phases."""
        try:
            self.held -= set(Release.model_validate(payload).phases)
        except ValidationError as error:
            workflow.logger.warning("release rejected: %s", error)
