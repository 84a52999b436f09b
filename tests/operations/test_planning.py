"""The plan of a live day: its clock and its deadline are those of the tip-off, however late it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from activities.operations.planning import DayPlanner
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.messages import PlanRequest
from warehouse.connect import connect
from warehouse.writer import Writer

DAY = date(2025, 11, 7)
SIX = datetime(2025, 11, 7, 11, tzinfo=UTC)


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
