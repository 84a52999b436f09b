"""The warehouse's quota of loads a table and day, kept by counting the ledger: warned of, and never run into.

At 1,500 loads of one table the old system stopped, in the middle of what it was writing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog

from shared.errors import QuotaExceeded
from warehouse.protocol import Warehouse

log = structlog.get_logger("tipoff.warehouse")

WARNED_AT = 0.8
REFUSED_AT = 0.97
"""The rest is for what other workers have begun since the ledger was counted."""

COUNTED_EVERY = 20
"""Own writes of a table after which the ledger is counted again, since other workers write too.

Near the limit it is counted for each.
"""

LOOKED_AGAIN = timedelta(minutes=10)


class LoadQuota:
    """Counts what was loaded into each table on the UTC day. An engine without a quota counts nothing."""

    def __init__(self, warehouse: Warehouse, now: Callable[[], datetime]) -> None:
        self._warehouse, self._now = warehouse, now
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[date, int, int]] = {}
        """By table: the day, its loads, and how many of them were ours since the ledger was counted."""
        self._warned: set[tuple[date, str]] = set()

    def check(self, table: str) -> None:
        """Sees that one more load of a table is within the quota.

        Raises:
            QuotaExceeded: it is nearly used up. Nothing was written; the next UTC day takes the same write.
        """
        most = self._warehouse.loads_a_day
        if most is None:
            return
        today = self._now().date()
        loads = self._loads(table, today, surely=most * WARNED_AT)
        if loads >= int(most * REFUSED_AT):
            msg = (
                f"{table}: {loads:,} of {most:,} loads today; the rest is kept back and nothing was written. "
                "It is tried again, at the latest when the UTC day ends"
            )
            raise QuotaExceeded(msg, retry_after=LOOKED_AGAIN)
        if loads >= most * WARNED_AT and (today, table) not in self._warned:
            self._warned.add((today, table))
            log.warning("load quota", table=table, loads=loads, most=most)

    def count(self, table: str) -> None:
        """One more load was made."""
        with self._lock:
            if table in self._counts:
                day, loads, own = self._counts[table]
                self._counts[table] = (day, loads + 1, own + 1)

    def _loads(self, table: str, today: date, *, surely: float) -> int:
        with self._lock:
            day, loads, own = self._counts.get(table, (None, 0, 0))
        if day == today and own < COUNTED_EVERY and loads < surely:
            return loads
        found = self._warehouse.query(
            "SELECT COUNT(*) AS loads FROM nba_orchestration.write_ledger "
            "WHERE written_on = @today AND table_name = @table AND row_count > 0",
            {"today": today, "table": table},
        )
        loads = int(found["loads"].iloc[0])
        with self._lock:
            self._counts[table] = (today, loads, 0)
        return loads
