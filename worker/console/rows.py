"""Rows of the warehouse as templates need them: plain values, and None where there is none."""

from __future__ import annotations

from typing import Any

import pandas as pd

Row = dict[str, Any]


def plain(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame: missing values are None, times are aware datetimes, arrays are lists."""
    columns = {}
    for name in frame.columns:
        known = frame[name].notna().to_numpy(dtype=bool)
        columns[name] = [
            _value(value) if is_known else None
            for value, is_known in zip(frame[name].astype(object).tolist(), known, strict=True)
        ]
    return [dict(zip(columns, held, strict=True)) for held in zip(*columns.values(), strict=True)]


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date() if value.tzinfo is None else value.to_pydatetime()
    return value.tolist() if hasattr(value, "tolist") else value
