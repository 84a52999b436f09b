"""Hand-made rows of the registry and of the decisions about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

SYSTEM = "xgboost_v1"
START = datetime(2025, 11, 1, tzinfo=UTC)


def registered(**trained_through: str) -> pd.DataFrame:
    """Models by id and the last date each was trained on."""
    rows = pd.DataFrame(
        [(name, SYSTEM, "challenger", pd.Timestamp(day)) for name, day in trained_through.items()],
        columns=["model_id", "system_id", "status", "trained_through"],
    )
    return rows.astype({"trained_through": "datetime64[us]"})


def decisions(*taken: tuple[str, str, str], **changes: Any) -> pd.DataFrame:
    """Decisions as (action, model, effective from), taken an hour after one another."""
    rows = pd.DataFrame(
        [
            {
                "effective_from": pd.Timestamp(day),
                "decision_id": f"{n:016x}",
                "system_id": SYSTEM,
                "model_id": model,
                "previous_model_id": None,
                "action": action,
                "decided_by": "test",
                "reason": "test",
                "decided_at": pd.Timestamp(START + timedelta(hours=n)),
                **changes,
            }
            for n, (action, model, day) in enumerate(taken)
        ],
        columns=[
            "effective_from", "decision_id", "system_id", "model_id", "previous_model_id", "action",
            "decided_by", "reason", "decided_at",
        ],
    )  # fmt: skip
    return rows.astype({"effective_from": "datetime64[us]", "decided_at": "datetime64[us, UTC]"})
