"""The reconciler's activities: look at schedule, tables and statuses, sweep, and keep what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.disagreements import Standing, disagreements
from activities.operations.status import CLAIMS, EXECUTION_LOG, PHASE_STATUS
from activities.surroundings import Surroundings
from shared.clock import game_date_of, microseconds
from shared.ids import content_digest
from shared.names import PLAN_RECONCILE, RECORD_RECONCILE, SWEEP_STAGING
from shared.reconcile import (
    DAYS,
    Found,
    Kind,
    ReconcilePlan,
    ReconcilePlanRequest,
    ReconcileRecord,
    Remedy,
    SweepRequest,
    SweepResult,
)
from warehouse.protocol import Warehouse
from warehouse.writer import Fence

RECONCILIATIONS = "nba_orchestration.reconciliations"
STAGING_KEPT = timedelta(hours=24)
"""No day consolidates staging tables older than this: it is over, or has staged anew."""

MOST = 200
COUNTED = {
    "eligible": ("nba_analytics.upcoming_player_game_context", "game_date", "eligible"),
    "vectors": (
        "nba_predictions.ml_feature_store_v2", "game_date", "insufficient_data_reason IS NULL",
    ),
    "predictions": ("nba_predictions.player_prop_predictions", "game_date", "is_active"),
    "results": ("nba_predictions.prediction_results", "game_date", "TRUE"),
    "documents": ("nba_orchestration.published_documents", "game_date", "TRUE"),
}  # fmt: skip


class Reconciler:
    """Reads the warehouse. Rows of a date are written by the date's day and by nobody else."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PLAN_RECONCILE)
    def plan_reconcile(self, request: ReconcilePlanRequest) -> ReconcilePlan:
        """What there is to reconcile."""
        with as_application_errors(), heartbeating() as progress:
            warehouse = self._surroundings.warehouse
            span = self._span(request)
            if span is None:
                return ReconcilePlan()
            start, end = span
            progress(0, 2, f"how {start} to {end} stand")
            found = disagreements(
                standing_of(warehouse, start, end), start, end, request.now, request.unfinished_minutes
            )
            progress(1, 2, "staging tables")
            orphans = warehouse.sweep_staging(STAGING_KEPT, drop=False)
            if orphans:
                more = f" and {len(orphans) - 1} more" if len(orphans) > 1 else ""
                found.append(
                    Found(kind=Kind.STAGING, what=f"{orphans[0]}{more}, a day old", remedy=Remedy.SWEEP)
                )
            return ReconcilePlan(
                start=start, end=end, found=tuple(found[:MOST]), left_out=max(len(found) - MOST, 0)
            )

    @activity.defn(name=SWEEP_STAGING)
    def sweep_staging(self, request: SweepRequest) -> SweepResult:
        """Drops the staging tables of a day ago and older."""
        with as_application_errors(), heartbeating():
            return SweepResult(dropped=len(self._surroundings.writer.sweep_staging(STAGING_KEPT)))

    @activity.defn(name=RECORD_RECONCILE)
    def record_reconcile(self, record: ReconcileRecord) -> None:
        """Keeps what was found and done: one row a finding."""
        info = activity.info()
        run_id = info.workflow_run_id or ""
        rows = pd.DataFrame(
            [
                {
                    "reconciled_on": record.at.astimezone(UTC).date(),
                    "finding_id": content_digest(run_id, one.kind, str(one.game_date), one.what),
                    "kind": str(one.kind), "game_date": one.game_date, "found": one.what,
                    "remedy": str(one.remedy), "done": one.done, "requested_by": record.requested_by,
                    "run_id": run_id, "found_at": record.at,
                }
                for one in record.found
            ]
        )  # fmt: skip
        with as_application_errors(), heartbeating(), activity.shield_thread_cancel_exception():
            self._surroundings.writer.merge(
                RECONCILIATIONS, rows, slice={"run_id": run_id},
                write_key=f"{run_id}/{info.activity_id}/{RECONCILIATIONS}",
                fence=Fence(microseconds(info.started_time)), run_id=run_id,
            )  # fmt: skip

    def _span(self, request: ReconcilePlanRequest) -> tuple[date, date] | None:
        """The dates to look at: those asked for, or the last fourteen that were run or should have been."""
        latest = self._surroundings.warehouse.query(
            f"SELECT MAX(game_date) AS latest FROM {PHASE_STATUS}", {}
        )["latest"].iloc[0]
        if pd.isna(latest):
            return None
        end = request.end or pd.Timestamp(latest).date()
        if request.end is None and self._surroundings.settings.source == "live":
            end = max(end, game_date_of(request.now) - timedelta(days=1))
        return request.start or end - timedelta(days=DAYS - 1), end


def standing_of(warehouse: Warehouse, start: date, end: date) -> Standing:
    """What the warehouse holds of these dates, and of the date after the last."""
    after = end + timedelta(days=2)
    statuses = warehouse.read(PHASE_STATUS, since=start, until=after)
    schedule = warehouse.read(
        "nba_raw.schedule", since=start - timedelta(days=8), until=after,
        columns=["snapshot_date", "game_date", "game_id", "game_status", "is_postponed"],
    )  # fmt: skip
    newest = schedule.sort_values("snapshot_date").drop_duplicates("game_id", keep="last")
    played = newest.loc[~newest["is_postponed"].astype(bool).to_numpy(dtype=bool)]
    inside = played.loc[
        ((played["game_date"] >= pd.Timestamp(start)) & (played["game_date"] <= pd.Timestamp(end))).to_numpy(
            dtype=bool
        )
    ]
    return Standing(
        statuses=statuses.loc[(statuses["processor_name"] == "").to_numpy(dtype=bool)],
        games={pd.Timestamp(day).date(): len(rows) for day, rows in inside.groupby("game_date")},
        counts=_counts(warehouse, start, end),
        incomplete=_incomplete(warehouse, inside, start, end),
        claims=warehouse.read(CLAIMS, since=start, until=after),
        log=warehouse.read(
            EXECUTION_LOG, since=start, until=after, columns=["game_date", "execution_timestamp"]
        ),
    )


def _counts(warehouse: Warehouse, start: date, end: date) -> dict[str, Mapping[date, int]]:
    counts: dict[str, Mapping[date, int]] = {}
    for name, (table, column, condition) in COUNTED.items():
        rows = warehouse.query(
            f"SELECT {column} AS day, COUNT(*) AS n FROM {table} "
            f"WHERE {column} >= @start AND {column} <= @end AND {condition} GROUP BY {column}",
            {"start": start, "end": end},
        )
        counts[name] = {pd.Timestamp(r.day).date(): int(r.n) for r in rows.itertuples(index=False)}
    return counts


def _incomplete(warehouse: Warehouse, games: pd.DataFrame, start: date, end: date) -> dict[str, date]:
    """Games that are over by the schedule, or have a box score, and lack a complete one."""
    teams = warehouse.read(
        "nba_raw.team_box_scores", since=start, until=end + timedelta(days=1),
        columns=["game_date", "game_id", "team_abbr", "is_complete"],
    )  # fmt: skip
    whole = teams.loc[teams["is_complete"].to_numpy(dtype=bool)].groupby("game_id")["team_abbr"].nunique()
    complete = set(whole.index[whole.to_numpy() == 2])
    final = games.loc[(games["game_status"] == 3).to_numpy(dtype=bool), ["game_id", "game_date"]]
    known = pd.concat([final, teams[["game_id", "game_date"]]]).drop_duplicates("game_id")
    lacking = known.loc[~known["game_id"].isin(complete).to_numpy(dtype=bool)]
    return {
        str(game): pd.Timestamp(day).date()
        for game, day in zip(lacking["game_id"], lacking["game_date"], strict=True)
    }
