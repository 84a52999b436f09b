"""Who changed what, and why, where no other table says it: schedules, backfills, training, deployments."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.messages import Message, Name


class OperatorAction(Message):
    """One command that changes something; a row of `nba_orchestration.operator_actions`."""

    action_id: Name
    action: Name
    """As `schedule pause`."""
    subject: str = Field(max_length=500)
    requested_by: Name
    reason: str = Field(default="", max_length=500)
    requested_at: datetime


class ActionKept(Message):
    """How many rows were written."""

    rows: int
