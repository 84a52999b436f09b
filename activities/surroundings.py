"""What the activities of a worker share: the stores, the warehouse, its writer, and who computes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import pandas as pd

from activities.compute import ComputePool
from activities.processor import ProcessorContext
from activities.scrape.guard import SourceGuard
from activities.source_states import WarehouseStates
from activities.stores import Moment, Stores
from shared.messages import ProcessorRequest
from warehouse.protocol import Warehouse
from warehouse.writer import Writer


@dataclass(frozen=True)
class Surroundings(Stores):
    """One per worker."""

    warehouse: Warehouse
    writer: Writer
    compute: ComputePool | None = None
    """Where processors compute; None: in the threads of their activities."""

    @cached_property
    def guard(self) -> SourceGuard:
        """Whether a source may be asked now. A replay is our own: it is asked as fast as it answers."""
        states = WarehouseStates(self.warehouse, self.writer)
        return SourceGuard(states, paced=self.settings.replay_url is None)

    def context(
        self,
        request: ProcessorRequest,
        dates: tuple[date, ...],
        run_id: str,
        staged: pd.DataFrame,
        *,
        at: datetime,
    ) -> ProcessorContext:
        """What a processor is given, but for its frames; `at` by the clock of `request.started_at`."""
        now = request.as_of + max(at - request.started_at, timedelta())
        context = self.context_at(Moment(request.game_date, request.as_of, now, dates, run_id))
        return replace(context, chunk=request.chunk, staged=staged)
