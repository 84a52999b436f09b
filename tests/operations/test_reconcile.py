"""What is found in a real warehouse: gaps, stale statuses, empty tables, orphans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations.disagreements import disagreements
from activities.operations.reconcile import Reconciler, standing_of
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.phases import PHASE_NAMES
from shared.reconcile import TRIES, Found, Kind, ReconcilePlanRequest, Remedy
from warehouse.connect import connect
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer

FIRST = date(2025, 11, 3)
DAYS = [FIRST + timedelta(days=n) for n in range(5)]
EVENING = datetime(2025, 11, 7, 22, tzinfo=UTC)
ALL = dict.fromkeys(PHASE_NAMES, "completed")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, Warehouse]]:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    yield tmp_path, warehouse
    warehouse.close()


def write(warehouse: Warehouse, table: str, rows: list[dict[str, object]]) -> None:
    Writer(warehouse).merge(
        table, pd.DataFrame(rows), write_key=f"test/{table}/{rows}", fence=Fence(1), run_id="test"
    )


def ran(warehouse: Warehouse, day: date, statuses: dict[str, str], at: datetime | None = None) -> None:
    """A date whose phases have these statuses since noon, with a slate of one game."""
    noon = at or datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    rows = [
        {
            "game_date": day, "phase_name": name, "processor_name": "", "status": status, "rows_written": 1,
            "error_type": None, "message": None, "retrigger": 0, "run_id": "r", "updated_at": noon,
        }
        for name, status in statuses.items()
    ]  # fmt: skip
    write(warehouse, "nba_orchestration.phase_status", rows)


def scheduled(warehouse: Warehouse, snapshot: date, *days: date, status: int = 1) -> None:
    """A morning's schedule with a game on each of these days."""
    rows = [
        {
            "snapshot_date": snapshot, "game_id": f"{day:%Y%m%d}_LAC_PHX", "nba_game_id": None,
            "game_date": day, "season": "2025-26", "away_team_abbr": "LAC", "home_team_abbr": "PHX",
            "tip_time": None, "tip_assumed": True, "game_status": status, "is_postponed": False,
            "season_type": "regular", "home_score": None, "away_score": None,
        }
        for day in days
    ]  # fmt: skip
    write(warehouse, "nba_raw.schedule", rows)


def claimed(warehouse: Warehouse, day: date, request: str, action: str, at: datetime) -> None:
    row = {
        "game_date": day, "request_id": request, "action": action, "reason": "too late",
        "requested_by": "ada", "run_id": "r", "claimed_at": at,
    }  # fmt: skip
    write(warehouse, "nba_orchestration.request_claims", [row])


def found(warehouse: Warehouse) -> list[Found]:
    standing = standing_of(warehouse, DAYS[0], DAYS[-1])
    return disagreements(standing, DAYS[0], DAYS[-1], EVENING)


def test_a_date_with_games_between_dates_that_were_run_is_started(home: tuple) -> None:
    _, warehouse = home
    scheduled(warehouse, DAYS[0], *DAYS)
    for day in (DAYS[1], DAYS[3], DAYS[4]):
        ran(warehouse, day, ALL)
    (one,) = found(warehouse)
    assert (one.kind, one.game_date, one.remedy) == (Kind.NEVER_RUN, DAYS[2], Remedy.START)
    assert one.command == f"tipoff start {DAYS[2]}"


def test_a_phase_that_has_stood_for_an_hour_and_a_failed_one_are_run_again_once_each(home: tuple) -> None:
    _, warehouse = home
    ran(warehouse, DAYS[0], {**ALL, "raw": "running"})
    ran(warehouse, DAYS[1], {**ALL, "predictions": "failed", "publishing": "failed"})
    ran(warehouse, DAYS[4], {**ALL, "raw": "running"}, at=EVENING - timedelta(minutes=10))
    stale, failed = found(warehouse)
    assert (stale.kind, stale.remedy, stale.phase) == (Kind.UNFINISHED, Remedy.RETRIGGER, "raw")
    assert stale.what == f"raw is running since {DAYS[0]} 17:00 UTC"
    assert (failed.kind, failed.remedy, failed.phase) == (Kind.FAILED, Remedy.RETRIGGER, "predictions")
    assert [one.request_id for one in found(warehouse)] == [stale.request_id, failed.request_id]


def test_after_three_tries_and_after_an_abort_a_person_is_needed(home: tuple) -> None:
    _, warehouse = home
    ran(warehouse, DAYS[0], {**ALL, "raw": "failed"})
    for n in range(TRIES):
        claimed(warehouse, DAYS[0], f"reconcile-{n}", "retrigger", datetime(2025, 11, 3, 10 + n, tzinfo=UTC))
    ran(warehouse, DAYS[1], {**ALL, "raw": "running"})
    claimed(warehouse, DAYS[1], "a", "abort", datetime(2025, 11, 4, 17, 1, tzinfo=UTC))
    log = {
        "game_date": DAYS[0], "log_id": "x", "phase_name": "raw", "status": "failed", "run_id": "r",
        "retrigger": 3, "started_at": None, "execution_timestamp": datetime(2025, 11, 3, 17, tzinfo=UTC),
        "duration_seconds": None, "message": None,
    }  # fmt: skip
    write(warehouse, "nba_orchestration.phase_execution_log", [log])
    tried, aborted = found(warehouse)
    assert (tried.remedy, tried.what) == (Remedy.NONE, "failed: raw; run again 3 times already")
    assert (aborted.remedy, aborted.what) == (Remedy.NONE, "aborted by ada: too late")
    assert all(one.command.startswith("tipoff retrigger") for one in (tried, aborted))


def test_a_completed_phase_with_an_empty_table_is_run_again(home: tuple) -> None:
    _, warehouse = home
    ran(warehouse, DAYS[0], ALL)
    player = {
        "game_date": DAYS[0], "player_id": 1, "player_lookup": "p", "game_id": "20251103_LAC_PHX",
        "team_abbr": "LAC", "opponent_abbr": "PHX", "is_home": False, "features": [1.0],
        "feature_names": ["a"], "feature_sources": ["computed"], "feature_count": 1, "feature_version": "v",
        "feature_quality_score": 90.0, "quality_tier": "gold", "early_season": False, "games_in_sample": 10,
        "insufficient_data_reason": None, "as_of": EVENING, "partial_games": [],
    }  # fmt: skip
    write(warehouse, "nba_predictions.ml_feature_store_v2", [player])
    (one,) = found(warehouse)
    assert (one.kind, one.phase, one.remedy) == (Kind.EMPTY_TABLE, "predictions", Remedy.RETRIGGER)
    assert one.what == "predictions is completed, and there is no active predictions for 1 vectors"


def test_a_final_game_without_box_score_and_a_claim_without_effect_are_told(home: tuple) -> None:
    _, warehouse = home
    for day in DAYS:
        ran(warehouse, day, ALL)
    scheduled(warehouse, DAYS[2], DAYS[1], status=3)
    claimed(warehouse, DAYS[3], "b", "retrigger", datetime(2025, 11, 6, 12, tzinfo=UTC))
    game, claim = found(warehouse)
    assert (game.kind, game.remedy) == (Kind.BOX_SCORE, Remedy.NONE)
    assert game.what == "20251104_LAC_PHX has no complete box score; looked for again until 2025-11-12"
    assert (claim.kind, claim.what) == (Kind.CLAIM, "ada asked for a phase again (too late), and none began")


async def test_orphaned_staging_tables_are_found_and_only_dropped_when_told(
    home: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, warehouse = home
    writer = Writer(warehouse)
    around = Surroundings(load_settings({}, home=folder, source="simulated"), warehouse, writer)
    ran(warehouse, DAYS[0], ALL)
    monkeypatch.setattr("activities.operations.reconcile.STAGING_KEPT", timedelta())
    rows = warehouse.read("nba_predictions.player_prop_predictions", dates=[DAYS[0]])
    name = writer.stage("nba_predictions.player_prop_predictions", rows, chunk="000", write_key="k")
    reconciler, environment = Reconciler(around), ActivityEnvironment()
    request = ReconcilePlanRequest(start=None, end=None, now=EVENING)
    plan = environment.run(reconciler.plan_reconcile, request)
    assert [(one.kind, one.remedy) for one in plan.found] == [(Kind.STAGING, Remedy.SWEEP)]
    assert name in plan.found[0].what
    assert warehouse.sweep_staging(timedelta(), drop=False) == [name]
    assert warehouse.sweep_staging(timedelta()) == [name]
