"""The table of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from activities.alerts.letters import Standing
from warehouse.protocol import Warehouse
from warehouse.writer import Writer

ALERTS = "nba_orchestration.alerts"
KEPT_IN_VIEW = timedelta(days=14)
"""Older alerts are history: neither told nor reminded of."""

_OPTIONAL_TEXTS = ("blocks", "doing", "command", "workflow_id", "failure", "resolution")


class AlertBook:
    """Reads and merges alerts."""

    def __init__(self, warehouse: Warehouse, writer: Writer) -> None:
        self._warehouse, self._writer = warehouse, writer

    def lately(self, now: datetime, period: timedelta = KEPT_IN_VIEW) -> list[Standing]:
        """Those that arose within the period, whichever date they are about."""
        # It may be about a date of years ago: two columns of all rows say which dates are to be read.
        seen = self._warehouse.read(ALERTS, columns=["game_date", "last_seen"])
        late = (seen["last_seen"] > pd.Timestamp(now - period)).to_numpy(dtype=bool)
        days = sorted({pd.Timestamp(day).date() for day in seen.loc[late, "game_date"]})
        if not days:
            return []
        rows = self._warehouse.read(ALERTS, dates=days)
        return [s for s in map(_standing, rows.to_dict("records")) if s.last_seen > now - period]

    def since(self, first: date, last: date) -> list[Standing]:
        """Those about these dates, both included."""
        rows = self._warehouse.read(ALERTS, since=first, until=last + timedelta(days=1))
        return [_standing(row) for row in rows.to_dict("records")]

    def write(self, rows: Sequence[Standing], write_key: str) -> None:
        """Merges rows; the same key again changes nothing."""
        if not rows:
            return
        frame = pd.DataFrame([_row(r) for r in rows])
        self._writer.merge_latest(ALERTS, frame, write_key=f"{write_key}/{ALERTS}", run_id="")


def _row(standing: Standing) -> dict[str, Any]:
    row = asdict(standing)
    row["undelivered"] = list(standing.undelivered)
    return {name: (value or None) if name in _OPTIONAL_TEXTS else value for name, value in row.items()}


def _standing(row: Any) -> Standing:
    values = {}
    for field in fields(Standing):
        value = row[field.name]
        if field.name == "undelivered":
            value = tuple(value)
        elif field.name in _OPTIONAL_TEXTS:
            value = value if isinstance(value, str) else ""
        elif pd.isna(value):
            value = None
        elif field.name == "game_date":
            value = pd.Timestamp(value).date()
        elif isinstance(value, pd.Timestamp):
            value = value.to_pydatetime()
        values[field.name] = value
    return Standing(**values)
