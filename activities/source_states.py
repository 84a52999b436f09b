"""The states of the sources in the warehouse, where all workers and the next process find them."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pandas as pd
import structlog

from activities.scrape.guard import BreakerState, SourceState
from shared.errors import TipoffError
from warehouse.protocol import Warehouse
from warehouse.writer import Writer

log = structlog.get_logger()

BREAKERS = "nba_orchestration.circuit_breakers"


class WarehouseStates:
    """A `StateStore`. A warehouse that refuses leaves each worker with what it knows itself."""

    def __init__(self, warehouse: Warehouse, writer: Writer) -> None:
        self._warehouse, self._writer = warehouse, writer

    def load(self) -> list[SourceState]:
        """All sources that ever changed state."""
        try:
            return self.read()
        except TipoffError as error:
            log.warning("source states not read", error=str(error))
            return []

    def read(self) -> list[SourceState]:
        """The same, for whoever must know it. Raises what the warehouse does."""
        return [_state(row) for row in self._warehouse.read(BREAKERS).to_dict("records")]

    def save(self, state: SourceState) -> None:
        """Merges the state of one source."""
        frame = pd.DataFrame([{**state.__dict__, "state": str(state.state), "reason": state.reason or None}])
        log.warning(
            "source", source=state.source, state=str(state.state), reason=state.reason,
            not_before=state.not_before and state.not_before.isoformat(),
        )  # fmt: skip
        try:
            self._writer.merge_latest(
                BREAKERS, frame, write_key=f"source/{state.source}/{uuid4().hex}", run_id=""
            )
        except TipoffError as error:
            log.warning("source state not kept", source=state.source, error=str(error))


def _state(row: dict[Hashable, Any]) -> SourceState:
    return SourceState(
        source=str(row["source"]),
        state=BreakerState(str(row["state"])),
        failures=int(row["failures"]),
        openings=int(row["openings"]),
        reason="" if pd.isna(row["reason"]) else str(row["reason"]),
        failed_on=None if pd.isna(row["failed_on"]) else pd.Timestamp(row["failed_on"]).date(),
        failed_today=int(row["failed_today"]),
        not_before=_instant(row["not_before"]),
        changed_at=_instant(row["changed_at"]),
    )


def _instant(value: Any) -> datetime | None:
    if pd.isna(value):
        return None
    instant: datetime = pd.Timestamp(value).to_pydatetime()
    return instant
