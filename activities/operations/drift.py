"""Keeps what `tipoff check-drift` found, as rows of `quality_results`."""

from __future__ import annotations

from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.quality.checks import QUALITY, Outcome, result_rows
from activities.surroundings import Surroundings
from shared.clock import microseconds, utc_now
from shared.deployments import DriftInput, DriftKept
from shared.names import RECORD_DRIFT
from shared.predeploy import Finding
from warehouse.writer import Fence

CHECKED_BY = "check_drift"
DATASET = "temporal.workers"
"""Not a table: what was checked are the processes."""

_STATUS = {"ok": ("info", "pass"), "warn": ("warning", "warn"), "fail": ("error", "fail")}


class DriftKeeper:
    """The activity behind `tipoff check-drift`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=RECORD_DRIFT)
    def record_drift(self, request: DriftInput) -> DriftKept:
        """Replaces what was found earlier on the same date."""
        info = activity.info()
        rows = result_rows(
            [(request.checked_for, _outcome(finding)) for finding in request.findings],
            checked_by=CHECKED_BY, run_id=info.workflow_run_id or "", checked_at=utc_now(),
        )  # fmt: skip
        with as_application_errors(), heartbeating(), activity.shield_thread_cancel_exception():
            written = self._surroundings.writer.replace(
                QUALITY, rows, partitions=[request.checked_for], slice={"checked_by": CHECKED_BY},
                write_key=f"{info.workflow_run_id}/{info.activity_id}/{QUALITY}",
                fence=Fence(microseconds(info.started_time)), run_id=info.workflow_run_id or "",
            )  # fmt: skip
        return DriftKept(rows=written.rows)


def _outcome(finding: Finding) -> Outcome:
    severity, status = _STATUS[finding.status]
    return Outcome(
        check_name=finding.check, severity=severity, status=status,
        observed=0.0 if finding.status == "ok" else 1.0, failed_rows=0 if finding.status == "ok" else 1,
        sample_ref=finding.observed, dataset=DATASET,
    )  # fmt: skip
