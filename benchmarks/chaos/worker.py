"""The worker as it is, over a warehouse and a clock that can be made ill from outside.

Both are replaced before anything of the worker is imported; the rest is what runs in production.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.chaos.control import Control
from shared import clock
from shared.errors import QuotaExceeded, WarehouseUnavailable

SLOWER = 1.0
"""Seconds that a write takes longer."""


class IllWarehouse:
    """A warehouse that refuses, is slow, is full or loses its acknowledgements while it is told to."""

    def __init__(self, warehouse: Any, control: Control) -> None:
        self._warehouse, self._control = warehouse, control
        self._lost: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """As the engine's."""
        return self._asked(self._warehouse.query, *args, **kwargs)

    def read(self, *args: Any, **kwargs: Any) -> Any:
        """As the engine's."""
        return self._asked(self._warehouse.read, *args, **kwargs)

    def read_table(self, *args: Any, **kwargs: Any) -> Any:
        """As the engine's."""
        return self._asked(self._warehouse.read_table, *args, **kwargs)

    def ping(self) -> None:
        """As the engine's."""
        self._asked(self._warehouse.ping)

    def apply(self, plan: Any) -> Any:
        """As the engine's. Of a write whose acknowledgement was lost, the next attempt's comes through."""
        result = self._written(self._warehouse.apply, plan)
        if not result.replayed:
            self._lose_acknowledgement(plan.schema.name)
        return result

    def stage(self, name: str, schema: Any, rows: Any) -> Any:
        """As the engine's. A staging table has no ledger: its first acknowledgement is lost, not its next."""
        staged = self._written(self._warehouse.stage, name, schema, rows)
        if name not in self._lost:
            self._lose_acknowledgement(name)
        return staged

    def _asked(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.time() < self._control.now().refuses_until:
            msg = "chaos: the warehouse refuses"
            raise WarehouseUnavailable(msg)
        return call(*args, **kwargs)

    def _written(self, call: Callable[..., Any], *args: Any) -> Any:
        ills, now = self._control.now(), time.time()
        if now < ills.quota_until:
            msg = "chaos: 403 quotaExceeded: too many loads of this table"
            raise QuotaExceeded(msg)
        if now < ills.slow_until:
            time.sleep(SLOWER)
        return self._asked(call, *args)

    def _lose_acknowledgement(self, what: str) -> None:
        if time.time() < self._control.now().ambiguous_until:
            self._lost.add(what)
            msg = f"chaos: {what}: committed, and the acknowledgement was lost"
            raise WarehouseUnavailable(msg)


if __name__ == "__main__":
    control = Control(Path(os.environ["TIPOFF_HOME"]))

    def shifted_now() -> datetime:
        """The present by a clock that may be wrong."""
        ills = control.now()
        ahead = ills.clock_offset if time.time() < ills.clock_until else 0.0
        return datetime.now(UTC) + timedelta(seconds=ahead)

    clock.utc_now = shifted_now
    from worker import main as real

    opened = real.connect  # type: ignore[attr-defined]

    def connect(*args: Any, **kwargs: Any) -> Any:
        """The engine, inside."""
        return IllWarehouse(opened(*args, **kwargs), control)

    real.connect = connect  # type: ignore[attr-defined]
    sys.exit(real.main())
