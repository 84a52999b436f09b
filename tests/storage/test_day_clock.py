"""The clock of a day is Temporal's, by which it began: a worker's own may be hours off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.messages import ProcessorRequest
from warehouse.connect import connect
from warehouse.writer import Writer

DAY = date(2025, 11, 7)
AS_OF = datetime(2025, 11, 7, 18, tzinfo=UTC)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_present_of_a_day_is_what_has_passed_by_the_clock_by_which_it_began(tmp_path: Path) -> None:
    warehouse = connect("duckdb", home=tmp_path)
    around = Surroundings(load_settings({}, home=tmp_path), warehouse, Writer(warehouse))
    request = ProcessorRequest(
        game_date=DAY, phase="scrape", processor="scrape_prop_lines", as_of=AS_OF, started_at=BEGAN, epoch=1
    )
    present = [
        around.context(request, (), "", pd.DataFrame(), at=BEGAN + passed).now
        for passed in (timedelta(), timedelta(seconds=90), -timedelta(hours=1))
    ]
    warehouse.close()
    assert present == [AS_OF, AS_OF + timedelta(seconds=90), AS_OF]
