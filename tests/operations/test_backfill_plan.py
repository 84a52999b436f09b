"""How dates stand, and which of them a backfill runs: on a real warehouse, every fault planted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations.backfill import BackfillPlanner, chosen_days, phases_of, spans, stand, standing_of
from activities.predictions import artefacts
from activities.surroundings import Surroundings
from shared.backfill import BackfillPlan, BackfillPlanRequest, Kind, Only, PlannedDay
from shared.config import load_settings
from shared.day_before import needs_of_day_before
from shared.features import FEATURE_NAMES, FEATURE_VERSION
from shared.phases import PHASE_NAMES
from tests.training.decisions import decisions
from tests.training.models import trained
from warehouse.connect import connect
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer

FIRST = date(2025, 11, 5)
DATES = [FIRST + timedelta(days=n) for n in range(6)]
NOON = datetime(2025, 11, 5, 12, tzinfo=UTC)
DONE = dict.fromkeys(PHASE_NAMES, "completed")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse."""
    opened = connect("duckdb", home=tmp_path)
    opened.ensure_tables()
    yield opened
    opened.close()


def write(warehouse: Warehouse, table: str, rows: list[dict[str, object]]) -> None:
    Writer(warehouse).merge(
        table, pd.DataFrame(rows), write_key=f"{table}/{rows[0]}", fence=Fence(1), run_id="test"
    )


def ran(warehouse: Warehouse, day: date, statuses: dict[str, str]) -> None:
    """A date whose phases have these statuses."""
    write(
        warehouse,
        "nba_orchestration.phase_status",
        [
            {
                "game_date": day, "phase_name": name, "processor_name": "", "status": status,
                "rows_written": 1, "error_type": None, "message": None, "retrigger": 0, "run_id": "r",
                "updated_at": NOON,
            }
            for name, status in statuses.items()
        ],
    )  # fmt: skip


def vectors(
    warehouse: Warehouse, day: date, version: str = FEATURE_VERSION, names: tuple[str, ...] = FEATURE_NAMES
) -> None:
    """A date's feature vectors."""
    write(
        warehouse,
        "nba_predictions.ml_feature_store_v2",
        [
            {
                "game_date": day, "player_id": n, "player_lookup": f"p{n}", "game_id": "20251105_ATL_BOS",
                "team_abbr": "ATL", "opponent_abbr": "BOS", "is_home": False,
                "features": [1.0] * len(names), "feature_names": list(names),
                "feature_sources": ["computed"] * len(names), "feature_count": len(names),
                "feature_version": version, "feature_quality_score": 90.0, "quality_tier": "gold",
                "early_season": False, "games_in_sample": 10, "insufficient_data_reason": None, "as_of": NOON,
                "partial_games": [],
            }
            for n in (1, 2)
        ],
    )  # fmt: skip


def asked(**fields: object) -> BackfillPlanRequest:
    return BackfillPlanRequest(
        **{"start": DATES[0], "end": DATES[-1], "following": DATES[0], "limit": 40, **fields}
    )


def planned(warehouse: Warehouse, **fields: object) -> list[PlannedDay]:
    request = asked(**fields)
    return chosen_days(stand(warehouse, request.start, request.end, request.phase), request)


def test_each_date_stands_as_its_phases_and_its_vectors_say(warehouse: Warehouse) -> None:
    for day in DATES[1:]:
        ran(warehouse, day, DONE)
    ran(warehouse, DATES[1], {"predictions": "failed"})
    ran(warehouse, DATES[2], {"grading": "waiting", "publishing": "skipped"})
    vectors(warehouse, DATES[3], "v1_baseline_25")
    vectors(warehouse, DATES[4], names=FEATURE_NAMES[::-1])
    vectors(warehouse, DATES[5])
    found = stand(warehouse, DATES[0], DATES[-1], "")
    assert [found[day] for day in DATES] == [
        (Kind.MISSING, "never run"),
        (Kind.FAILED, "failed: predictions"),
        (Kind.MISSING, "not completed: grading"),
        (Kind.STALE, f"features are v1_baseline_25, not {FEATURE_VERSION}"),
        (Kind.STALE, f"features have other names than {FEATURE_VERSION}"),
        (Kind.COMPLETE, ""),
    ]


def test_vectors_with_a_feature_too_many_are_stale(warehouse: Warehouse) -> None:
    ran(warehouse, FIRST, DONE)
    vectors(warehouse, FIRST, names=(*FEATURE_NAMES, "momentum"))
    assert stand(warehouse, FIRST, FIRST, "")[FIRST] == (Kind.STALE, "2 vectors have not 33 features")


def test_stale_dates_are_made_again_from_the_features_on_and_the_day_after_grades_again(
    warehouse: Warehouse,
) -> None:
    for day in DATES:
        ran(warehouse, day, DONE)
        vectors(warehouse, day, "v1_baseline_25" if day in DATES[1:4] else FEATURE_VERSION)
    days = planned(warehouse, only=Only.STALE)
    assert [(d.game_date, d.kind, d.phases) for d in days] == [
        (DATES[1], Kind.STALE, ("precompute",)),
        (DATES[2], Kind.STALE, ("precompute", "grading")),
        (DATES[3], Kind.STALE, ("precompute", "grading")),
        (DATES[4], Kind.REGRADE, ("grading",)),
    ]


def test_the_day_after_the_last_date_grades_again_though_it_is_outside_the_range(
    warehouse: Warehouse,
) -> None:
    for day in DATES[:2]:
        ran(warehouse, day, DONE)
        vectors(warehouse, day)
    vectors(warehouse, DATES[0], "v1_baseline_25")
    days = planned(warehouse, end=DATES[0])
    assert [(d.game_date, d.kind) for d in days] == [(DATES[0], Kind.STALE), (DATES[1], Kind.REGRADE)]
    assert days[1].reason == f"graded predictions of {DATES[0]} that are made again"


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (None, [0, 1, 2]),
        (Only.MISSING, [0]),
        (Only.FAILED, [1]),
        (Only.STALE, [2]),
        (Only.ALL, [0, 1, 2, 3]),
    ],
)
def test_only_narrows_the_dates_and_without_it_complete_ones_are_left_alone(
    warehouse: Warehouse, only: Only | None, expected: list[int]
) -> None:
    for day in DATES[1:4]:
        ran(warehouse, day, DONE)
    ran(warehouse, DATES[1], {"scrape": "failed"})
    vectors(warehouse, DATES[2], "v1_baseline_25")
    days = planned(warehouse, end=DATES[3], only=only)
    assert [DATES.index(d.game_date) for d in days if d.kind is not Kind.REGRADE] == expected


def test_a_phase_is_re_triggered_where_the_day_has_been_run_and_the_whole_day_run_where_not(
    warehouse: Warehouse,
) -> None:
    ran(warehouse, DATES[1], DONE)
    days = planned(warehouse, end=DATES[1], phase="publishing", only=Only.ALL)
    assert [(d.game_date, d.phases) for d in days] == [
        (DATES[0], ()),
        # The first date's predictions are new, so they are graded again.
        (DATES[1], ("publishing", "grading")),
    ]
    assert phases_of(Kind.MISSING, "not completed: grading", "") == ()


def test_a_phase_that_was_skipped_counts_as_done_and_another_phase_is_not_looked_at() -> None:
    assert standing_of({**DONE, "publishing": "skipped"}, "", "")[0] is Kind.COMPLETE
    assert standing_of({**DONE, "publishing": "failed"}, "", "raw")[0] is Kind.COMPLETE


def test_dates_that_stand_alike_are_one_span(warehouse: Warehouse) -> None:
    ran(warehouse, DATES[2], DONE)
    request = asked()
    found = spans(stand(warehouse, request.start, request.end, ""), request)
    assert [(s.first, s.last, s.kind) for s in found] == [
        (DATES[0], DATES[1], Kind.MISSING),
        (DATES[2], DATES[2], Kind.COMPLETE),
        (DATES[3], DATES[5], Kind.MISSING),
    ]


def test_what_a_phase_needs_of_the_day_before_follows_from_what_it_reads() -> None:
    assert needs_of_day_before("scrape") == {"raw"}
    assert needs_of_day_before("precompute") == {"raw", "analytics", "grading"}
    assert "predictions" in needs_of_day_before("grading")
    assert needs_of_day_before("predictions") == set(), "nothing but the own day, and models"


def served(home: Path, warehouse: Warehouse, effective_from: date) -> Surroundings:
    """A home whose champion is trained up to the day before the first date."""
    around = Surroundings(load_settings({}, home=home), warehouse, Writer(warehouse))
    model = trained(around.models, through=FIRST - timedelta(days=1))
    taken = decisions(("bootstrap", model.artefact.model_id, str(effective_from)))
    for table, rows in (("ml_models", model.row), ("model_decisions", taken)):
        around.writer.merge(f"nba_predictions.{table}", rows, write_key=table, fence=Fence(1), run_id="test")
    return around


def plan_of(around: Surroundings, **fields: object) -> BackfillPlan:
    return ActivityEnvironment().run(BackfillPlanner(around).plan_backfill, asked(**fields))


def test_dates_whose_champion_is_of_another_contract_are_refused_before_the_first(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = served(tmp_path, warehouse, FIRST)
    assert plan_of(around).refusal == ""
    monkeypatch.setattr(artefacts, "contract_checksum", lambda: "f" * 64)
    said = plan_of(around).refusal
    assert said.startswith(
        "6 dates from 2025-11-05 to 2025-11-10 would all park: their champion is xgboost_v1"
    )
    assert "in force is ffffffffffff" in said
    assert "`tipoff models train --system xgboost_v1 --through 2025-11-03`" in said
    assert "--effective-from 2025-11-05" in said
    for day in DATES:
        ran(warehouse, day, DONE)
    only_grading = plan_of(around, phase="grading", only=Only.ALL)
    assert (only_grading.chosen, only_grading.refusal) == (6, ""), "nothing is predicted"


def test_a_date_before_the_first_champion_is_refused_unless_a_model_is_trained_for_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    around = served(tmp_path, warehouse, DATES[3])
    whole = plan_of(around)
    assert (whole.champion, whole.refusal) == (False, ""), "one is trained before the first date"
    for day in DATES:
        ran(warehouse, day, DONE)
        vectors(warehouse, day, "v1_baseline_25")
    stale = plan_of(around, only=Only.STALE)
    assert stale.refusal.startswith("no xgboost_v1 champion was trained before 2025-11-05")
    assert "--through 2025-11-03" in stale.refusal
