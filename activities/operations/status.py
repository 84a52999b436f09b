"""Status rows and claims: what the warehouse knows of each day's progress."""

from __future__ import annotations

from datetime import date

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.surroundings import Surroundings
from shared.clock import microseconds, utc_now
from shared.ids import content_digest
from shared.messages import Claim, ClaimResult, Transition, Transitions
from shared.names import CLAIM_REQUEST, RECORD_TRANSITIONS
from warehouse.protocol import Warehouse
from warehouse.writer import Fence

PHASE_STATUS = "nba_orchestration.phase_status"
EXECUTION_LOG = "nba_orchestration.phase_execution_log"
RUN_HISTORY = "nba_orchestration.processor_run_history"
CLAIMS = "nba_orchestration.request_claims"


def _latest(transitions: tuple[Transition, ...]) -> list[Transition]:
    """Of several transitions of one phase or processor, the last."""
    return list({(t.phase, t.processor): t for t in transitions}.values())


def status_rows(transitions: tuple[Transition, ...]) -> pd.DataFrame:
    """Rows for `phase_status`: where each phase and processor stands."""
    return pd.DataFrame(
        [
            {
                "game_date": t.game_date,
                "phase_name": t.phase,
                "processor_name": t.processor,
                "status": str(t.state),
                "rows_written": t.rows,
                "error_type": t.error_type or None,
                "message": t.message or None,
                "retrigger": t.retrigger,
                "run_id": t.run_id,
                "updated_at": t.at,
            }
            for t in _latest(transitions)
        ]
    )


def execution_rows(transitions: tuple[Transition, ...]) -> pd.DataFrame:
    """Rows for `phase_execution_log`: one per transition of a phase."""
    return pd.DataFrame(
        [
            {
                "game_date": t.game_date,
                "log_id": content_digest(t.run_id, t.phase, str(t.retrigger), str(t.state), t.at.isoformat()),
                "phase_name": t.phase,
                "status": str(t.state),
                "run_id": t.run_id,
                "retrigger": t.retrigger,
                "started_at": t.started_at,
                "execution_timestamp": t.at,
                "duration_seconds": (t.at - t.started_at).total_seconds() if t.started_at else None,
                "message": t.message or None,
            }
            for t in transitions
            if not t.processor
        ]
    )


def history_rows(transitions: tuple[Transition, ...]) -> pd.DataFrame:
    """Rows for `processor_run_history`: one per run of a processor."""
    rows = {
        (t.phase, t.processor, t.started_at): {
            "data_date": t.game_date,
            "run_key": content_digest(t.run_id, t.phase, t.processor, str(t.retrigger), str(t.started_at)),
            "processor_name": t.processor,
            "phase_name": t.phase,
            "run_id": t.run_id,
            "retrigger": t.retrigger,
            "attempts": t.attempt,
            "status": str(t.state),
            "rows_written": t.rows,
            "warnings": t.warnings,
            "error_type": t.error_type or None,
            "message": t.message or None,
            "started_at": t.started_at,
            "finished_at": t.at,
            "bytes_processed": t.bytes_processed,
            "bytes_billed": t.bytes_billed,
        }
        for t in transitions
        if t.processor
    }
    return pd.DataFrame(list(rows.values()))


class StatusRecorder:
    """The activities that keep status rows and claims."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=RECORD_TRANSITIONS)
    def record_transitions(self, batch: Transitions) -> None:
        """Writes a batch of transitions: one merge per table, whatever their number."""
        info = activity.info()
        fence = Fence(batch.epoch, 0)
        with as_application_errors():
            for table, frame in (
                (PHASE_STATUS, status_rows(batch.transitions)),
                (EXECUTION_LOG, execution_rows(batch.transitions)),
                (RUN_HISTORY, history_rows(batch.transitions)),
            ):
                if frame.empty:
                    continue
                key = f"{info.workflow_run_id}/{info.activity_id}/{table}"
                with activity.shield_thread_cancel_exception():
                    self._surroundings.writer.merge(
                        table, frame, write_key=key, fence=fence, run_id=info.workflow_run_id or ""
                    )

    @activity.defn(name=CLAIM_REQUEST)
    def claim_request(self, claim: Claim) -> ClaimResult:
        """Claims a request id for a run. The first run to claim it is the only one to act on it."""
        warehouse, writer = self._surroundings.warehouse, self._surroundings.writer
        info = activity.info()
        with as_application_errors():
            held = warehouse.read(CLAIMS, dates=[claim.game_date], equals={"request_id": claim.request_id})
            if len(held):
                holder = str(held["run_id"].iloc[0])
                return ClaimResult(granted=holder == claim.run_id, held_by=holder)
            frame = pd.DataFrame(
                [
                    {
                        "game_date": claim.game_date,
                        "request_id": claim.request_id,
                        "action": claim.action,
                        "reason": claim.reason,
                        "requested_by": claim.requested_by,
                        "run_id": claim.run_id,
                        "claimed_at": utc_now(),
                    }
                ]
            )
            # Only the run that holds the id `daily-<date>` claims for that date, one request at a time, so
            # reading before writing is no race.
            with activity.shield_thread_cancel_exception():
                writer.merge(
                    CLAIMS, frame, write_key=f"{info.workflow_run_id}/{info.activity_id}/{CLAIMS}",
                    fence=Fence(microseconds(info.started_time)), run_id=claim.run_id,
                )  # fmt: skip
            return ClaimResult(granted=True, held_by=claim.run_id)


def latest_date(warehouse: Warehouse, table: str) -> date | None:
    """The newest game date that a table has rows of."""
    found = warehouse.query(f"SELECT MAX(game_date) AS latest FROM {table}")
    latest = found["latest"].iloc[0] if len(found) else None
    if latest is None or pd.isna(latest):
        return None
    newest: date = pd.Timestamp(latest).date()
    return newest


def completed_phases(surroundings: Surroundings, game_date: date) -> tuple[str, ...]:
    """The phases of a date that stand completed or skipped."""
    rows = surroundings.warehouse.read(
        PHASE_STATUS, columns=["phase_name", "status"], dates=[game_date], equals={"processor_name": ""}
    )
    done = rows[rows["status"].isin(["completed", "skipped"])] if len(rows) else rows
    return tuple(sorted(str(name) for name in done["phase_name"]))
