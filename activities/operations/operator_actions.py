"""Keeps commands that change something as rows of `operator_actions`."""

from __future__ import annotations

from datetime import UTC

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.surroundings import Surroundings
from shared.clock import microseconds
from shared.names import KEEP_ACTION
from shared.operator_actions import ActionKept, OperatorAction
from warehouse.writer import Fence

ACTIONS = "nba_orchestration.operator_actions"


class ActionKeeper:
    """The activity behind the commands that change something."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=KEEP_ACTION)
    def keep_action(self, request: OperatorAction) -> ActionKept:
        """Merges one row: an action that is kept twice is there once, whatever was kept in between."""
        info = activity.info()
        requested_on = request.requested_at.astimezone(UTC).date()
        rows = pd.DataFrame([{**request.model_dump(), "requested_on": requested_on}])
        with as_application_errors(), heartbeating(), activity.shield_thread_cancel_exception():
            written = self._surroundings.writer.merge(
                ACTIONS, rows, slice={"action_id": request.action_id},
                write_key=f"{info.workflow_run_id}/{info.activity_id}/{ACTIONS}",
                fence=Fence(microseconds(info.started_time)), run_id=info.workflow_run_id or "",
            )  # fmt: skip
        return ActionKept(rows=written.rows)
