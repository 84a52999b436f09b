"""What a backfill asks of the warehouse: how dates stand, and that its course is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.decision_book import BookKeeper
from activities.operations.models import TRAINABLE
from activities.operations.served_dates import predicted, refusal
from activities.predictions.champions import serving_decision
from activities.surroundings import Surroundings
from shared.backfill import BackfillPlan, BackfillPlanRequest, BackfillSummary, Kind, Only, PlannedDay, Span
from shared.clock import days_between, utc_now
from shared.features import FEATURE_COUNT, FEATURE_NAMES, FEATURE_VERSION
from shared.names import PLAN_BACKFILL, RECORD_BACKFILL
from shared.phases import PHASE_NAMES
from warehouse.protocol import Warehouse
from warehouse.writer import Fence

TABLE = "nba_orchestration.backfill_runs"
MOST_SPANS = 100

_WITHIN = "game_date >= @start AND game_date <= @end"

_STATUSES = (
    "SELECT game_date, phase_name, status FROM nba_orchestration.phase_status "
    f"WHERE {_WITHIN} AND processor_name = ''"
)
_VECTORS = (
    "SELECT s.game_date AS game_date, s.feature_version AS feature_version, s.vectors AS vectors, "
    "s.misshapen AS misshapen, one.feature_names AS feature_names "
    "FROM (SELECT game_date, feature_version, COUNT(*) AS vectors, MIN(player_id) AS first_player, "
    "COUNTIF(feature_count <> @features OR ARRAY_LENGTH(features) <> @features) AS misshapen "
    f"FROM nba_predictions.ml_feature_store_v2 WHERE {_WITHIN} GROUP BY game_date, feature_version) AS s "
    "JOIN nba_predictions.ml_feature_store_v2 AS one "
    "ON one.game_date = s.game_date AND one.player_id = s.first_player"
)
_ELIGIBLE = (
    "SELECT game_date, COUNT(*) AS players FROM nba_analytics.upcoming_player_game_context "
    f"WHERE {_WITHIN} AND eligible GROUP BY game_date"
)
_PREDICTED = (
    "SELECT game_date, feature_version, COUNT(*) AS predictions FROM nba_predictions.player_prop_predictions "
    f"WHERE {_WITHIN} AND is_active GROUP BY game_date, feature_version"
)


class BackfillPlanner:
    """The activities that plan a backfill and record it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._keeper = BookKeeper(surroundings)

    @activity.defn(name=PLAN_BACKFILL)
    def plan_backfill(self, request: BackfillPlanRequest) -> BackfillPlan:
        """How the dates of the range stand, and which are to be run."""
        with as_application_errors(), heartbeating() as progress:
            progress(0, 1, "how the dates stand")
            standing = stand(self._surroundings.warehouse, request.start, request.end, request.phase)
            days = chosen_days(standing, request)
            ahead = [day for day in days if day.game_date >= request.following]
            first = ahead[0].game_date if ahead else request.start
            book = self._keeper.read()
            # Whether every trained system has a champion for the first date.
            champion = all(
                serving_decision(book.registered, book.decisions, system, first) is not None
                for system in TRAINABLE
            )
            return BackfillPlan(
                counts=dict(Counter(str(k) for day, (k, _) in standing.items() if day <= request.end)),
                chosen=len(ahead),
                days=tuple(ahead[: request.limit]),
                following=ahead[request.limit].game_date if len(ahead) > request.limit else None,
                spans=tuple(spans(standing, request)[:MOST_SPANS]),
                champion=champion,
                refusal=refusal(self._surroundings, book, ahead, champion=champion),
            )

    @activity.defn(name=RECORD_BACKFILL)
    def record_backfill(self, summary: BackfillSummary) -> None:
        """Records where a backfill stands: one row a backfill."""
        info = activity.info()
        row = {
            "started_on": summary.began.date(),
            "backfill_id": summary.backfill_id,
            "start_date": summary.start,
            "end_date": summary.end,
            "phase": summary.phase or None,
            "only_kind": summary.only or None,
            "max_parallel": summary.max_parallel,
            "requested_by": summary.requested_by,
            "status": summary.status,
            "dates": summary.dates,
            "completed": summary.completed,
            "failed": summary.failed,
            "games": summary.games,
            "failures": list(summary.failures),
            "seconds": summary.seconds,
            "first_seconds": summary.first_seconds,
            "last_seconds": summary.last_seconds,
            "started_at": summary.began,
            "updated_at": utc_now(),
        }
        frame = pd.DataFrame([row]).astype({"first_seconds": "float64", "last_seconds": "float64"})
        epoch = int(summary.began.timestamp() * 1_000_000)
        with as_application_errors(), activity.shield_thread_cancel_exception():
            # Backfills that began on the same date share its partition, and none is later than another there.
            fence = Fence(epoch - epoch % 86_400_000_000, 0)
            self._surroundings.writer.merge(
                TABLE, frame, write_key=f"{info.workflow_run_id}/{info.activity_id}/{TABLE}", fence=fence,
                run_id=info.workflow_run_id or "",
            )  # fmt: skip


Standing = tuple[Kind, str]
"""How a date stands, and why."""


def stand(warehouse: Warehouse, start: date, end: date, phase: str) -> dict[date, Standing]:
    """How each date stands; for one phase only, if one is named."""
    within: dict[str, object] = {"start": start, "end": end + timedelta(days=1)}
    statuses: dict[date, dict[str, str]] = {}
    for row in warehouse.query(_STATUSES, within).itertuples(index=False):
        statuses.setdefault(pd.Timestamp(row.game_date).date(), {})[str(row.phase_name)] = str(row.status)
    faults = vector_faults(warehouse, within)
    return {
        day: standing_of(statuses.get(day, {}), faults.get(day, ""), phase)
        for day in days_between(start, end + timedelta(days=1))
    }


def standing_of(statuses: Mapping[str, str], fault: str, phase: str) -> Standing:
    """How a date stands by the statuses of its phases and what is wrong with its vectors."""
    wanted = (phase,) if phase else PHASE_NAMES
    if not statuses:
        return Kind.MISSING, "never run"
    failed = [name for name in wanted if statuses.get(name) == "failed"]
    if failed:
        return Kind.FAILED, f"failed: {', '.join(failed)}"
    undone = [name for name in wanted if statuses.get(name) not in ("completed", "skipped")]
    if undone:
        return Kind.MISSING, f"not completed: {', '.join(undone)}"
    return (Kind.STALE, fault) if fault else (Kind.COMPLETE, "")


def vector_faults(warehouse: Warehouse, within: Mapping[str, object]) -> dict[date, str]:
    """What is wrong with the stored features of a date, and with the predictions made of them."""
    faults: dict[date, str] = {}
    vectors: Counter[date] = Counter()
    for row in warehouse.query(_VECTORS, {**within, "features": FEATURE_COUNT}).itertuples(index=False):
        day = pd.Timestamp(row.game_date).date()
        vectors[day] += int(row.vectors)
        if row.feature_version != FEATURE_VERSION:
            faults[day] = f"features are {row.feature_version}, not {FEATURE_VERSION}"
        elif row.misshapen:
            faults.setdefault(day, f"{row.misshapen} vectors have not {FEATURE_COUNT} features")
        elif list(row.feature_names) != list(FEATURE_NAMES):
            faults.setdefault(day, f"features have other names than {FEATURE_VERSION}")
    for row in warehouse.query(_PREDICTED, within).itertuples(index=False):
        if row.feature_version != FEATURE_VERSION:
            day = pd.Timestamp(row.game_date).date()
            faults.setdefault(day, f"predictions are of {row.feature_version}, not {FEATURE_VERSION}")
    for row in warehouse.query(_ELIGIBLE, within).itertuples(index=False):
        day = pd.Timestamp(row.game_date).date()
        if vectors[day] < int(row.players):
            faults.setdefault(day, f"{vectors[day]} vectors for {row.players} eligible players")
    return faults


def chosen_days(standing: Mapping[date, Standing], request: BackfillPlanRequest) -> list[PlannedDay]:
    """The dates to run, in order. Each carries what is to be re-triggered, if it is not to be run whole."""
    kinds = {
        None: (Kind.MISSING, Kind.FAILED, Kind.STALE),
        Only.MISSING: (Kind.MISSING,),
        Only.FAILED: (Kind.FAILED,),
        Only.STALE: (Kind.STALE,),
        Only.ALL: (Kind.MISSING, Kind.FAILED, Kind.STALE, Kind.COMPLETE),
    }[request.only]
    chosen: list[PlannedDay] = []
    remade: date | None = None
    """The latest date whose predictions are made again."""
    for day, (kind, reason) in standing.items():
        wanted = day <= request.end and kind in kinds
        regrade = remade == day - timedelta(days=1)
        if wanted:
            phases = phases_of(kind, reason, request.phase)
            if phases and regrade and "grading" not in phases:
                phases = (*phases, "grading")
            chosen.append(PlannedDay(game_date=day, kind=kind, reason=reason or "asked for", phases=phases))
            if predicted(chosen[-1:]):
                remade = day
        elif regrade and kind in (Kind.COMPLETE, Kind.STALE):
            why = f"graded predictions of {remade} that are made again"
            chosen.append(PlannedDay(game_date=day, kind=Kind.REGRADE, reason=why, phases=("grading",)))
    return chosen


def phases_of(kind: Kind, reason: str, phase: str) -> tuple[str, ...]:
    """What is to be re-triggered of a date; nothing means that the whole day is run."""
    if kind is Kind.STALE:
        return (phase or "precompute",)
    if phase and reason != "never run":
        return (phase,)
    return ()


def spans(standing: Mapping[date, Standing], request: BackfillPlanRequest) -> list[Span]:
    """The range as consecutive dates that stand alike."""
    found: list[Span] = []
    for day, (kind, reason) in standing.items():
        if day > request.end:
            break
        last = found[-1] if found else None
        if last and (last.kind, last.reason) == (kind, reason):
            found[-1] = last.model_copy(update={"last": day})
        else:
            found.append(Span(first=day, last=day, kind=kind, reason=reason))
    return found
