"""The plan of a live day: its clock and its deadline are those of the tip-off, however late it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.exceptions import ApplicationError

from activities.alerts.book import ALERTS
from activities.operations.planning import UNKNOWN_SECONDS, DayPlanner
from activities.operations.status import EXECUTION_LOG
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.errors import QuotaExceeded
from shared.messages import PlanRequest
from warehouse.connect import connect
from warehouse.writer import Fence, Writer

DAY = date(2025, 11, 7)
SIX = datetime(2025, 11, 7, 11, tzinfo=UTC)


def test_no_past_date_is_begun_while_the_warehouse_refuses_and_todays_is(tmp_path: Path) -> None:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    writer = Writer(warehouse)
    planner = DayPlanner(Surroundings(load_settings({}, home=tmp_path, source="live"), warehouse, writer))
    asked = PlanRequest(game_date=DAY - timedelta(days=1), as_of=None, started_at=SIX)
    assert planner.plan_day(asked).usual_seconds["raw"] == UNKNOWN_SECONDS
    warehouse.loads_a_day = 0
    log = {
        "game_date": DAY - timedelta(days=2), "log_id": "1", "phase_name": "raw", "status": "completed",
        "run_id": "r", "retrigger": 0, "started_at": SIX, "execution_timestamp": SIX,
        "duration_seconds": 12.5, "message": None,
    }  # fmt: skip
    frame = pd.DataFrame([log])
    with pytest.raises(QuotaExceeded):
        writer.merge(EXECUTION_LOG, frame, write_key="1", fence=Fence(1), run_id="r")
    with pytest.raises(ApplicationError, match="2025-11-06 is not begun: the warehouse has just refused"):
        planner.plan_day(asked)
    assert planner.plan_day(asked.model_copy(update={"game_date": DAY})).game_date == DAY
    warehouse.loads_a_day = None
    writer.merge(EXECUTION_LOG, frame, write_key="1", fence=Fence(1), run_id="r")
    assert planner.plan_day(asked).usual_seconds["raw"] == 12.5
    warehouse.close()


def test_the_plan_of_a_day_says_whether_an_earlier_run_has_told_what_has_not_ended(tmp_path: Path) -> None:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    writer = Writer(warehouse)
    planner = DayPlanner(Surroundings(load_settings({}, home=tmp_path, source="live"), warehouse, writer))
    asked = PlanRequest(game_date=DAY, as_of=None, started_at=SIX)
    alert = {
        "game_date": DAY, "cause": "raw/raw_schedule/QuotaExceeded", "severity": "error", "title": "t",
        "text": "x", "occurrences": 1, "first_seen": SIX, "last_seen": SIX, "undelivered": [],
    }  # fmt: skip
    columns = dict.fromkeys(warehouse.schemas[ALERTS].column_names)
    seen = [planner.plan_day(asked).alerted]
    for resolved_at in (None, SIX):
        row = pd.DataFrame([{**columns, **alert, "resolved_at": resolved_at}])
        writer.merge(ALERTS, row, write_key=str(resolved_at), fence=Fence(1), run_id="")
        seen.append(planner.plan_day(asked).alerted)
    warehouse.close()
    assert seen == [False, True, False]


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Callable[..., datetime]]:
    """The `as_of` that a live day gets."""
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    planner = DayPlanner(
        Surroundings(load_settings({}, home=tmp_path, source="live"), warehouse, Writer(warehouse))
    )

    def plan(as_of: datetime | None, started_at: datetime) -> datetime:
        return planner.plan_day(PlanRequest(game_date=DAY, as_of=as_of, started_at=started_at)).as_of

    yield plan
    warehouse.close()


def test_a_day_that_starts_on_time_has_its_scheduled_time(planned: Callable[..., datetime]) -> None:
    assert planned(SIX, SIX + timedelta(seconds=2)) == SIX


def test_a_day_made_up_for_late_has_the_present_because_its_sources_show_that(
    planned: Callable[..., datetime],
) -> None:
    late = SIX + timedelta(hours=9)
    assert planned(SIX, late) == late
    assert planned(None, late) == late


def test_a_past_day_keeps_its_morning(planned: Callable[..., datetime]) -> None:
    later = SIX + timedelta(days=3)
    assert planned(None, later) == SIX
    assert planned(SIX + timedelta(hours=1), later) == SIX + timedelta(hours=1)
