"""Keeps what `tipoff check-drift` found, as rows of `quality_results`."""

from __future__ import annotations

from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.quality_book import outcomes_of, record
from activities.surroundings import Surroundings
from shared.deployments import DriftInput, DriftKept
from shared.names import RECORD_DRIFT

CHECKED_BY = "check_drift"
DATASET = "temporal.workers"
"""Not a table: what was checked are the processes."""


class DriftKeeper:
    """The activity behind `tipoff check-drift`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=RECORD_DRIFT)
    def record_drift(self, request: DriftInput) -> DriftKept:
        """Replaces what was found earlier on the same date."""
        day = request.checked_for
        outcomes = [(day, outcome) for outcome in outcomes_of(request.findings, DATASET)]
        with as_application_errors(), heartbeating():
            record(self._surroundings, {CHECKED_BY: outcomes}, {CHECKED_BY: (day,)})
        return DriftKept(rows=len(outcomes))
