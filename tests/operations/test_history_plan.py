"""Which spans of dates a load of history asks for: what is missing, wherever it is missing."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from activities.operations.history import gaps, with_registered

START, UNTIL = date(2025, 10, 1), date(2025, 12, 1)


def every_day(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (set(), [(START, UNTIL)]),
        (every_day(START, date(2025, 11, 30)), []),
        (every_day(START, date(2025, 11, 15)), [(date(2025, 11, 16), UNTIL)]),
        # A day was run before the history: its week is there, the weeks before are not.
        (every_day(date(2025, 11, 20), date(2025, 11, 30)), [(START, date(2025, 11, 20))]),
        # A day was run weeks after the last one: more is missing than it looks back for.
        (
            every_day(START, date(2025, 11, 1)) | every_day(date(2025, 11, 20), date(2025, 11, 30)),
            [(date(2025, 11, 2), date(2025, 11, 20))],
        ),
        # The All-Star break.
        (every_day(START, date(2025, 11, 10)) | every_day(date(2025, 11, 18), date(2025, 11, 30)), []),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_that_is_there(
    held: set[date], expected: list[tuple[date, date]]
) -> None:
    assert gaps(held, START, UNTIL) == expected


def test_a_load_never_takes_back_a_registration_of_its_first_date() -> None:
    both, one, other = (pd.DataFrame({"player_id": ids, "source": ids}) for ids in ([1, 2], [1], [2]))
    nobody = both.iloc[:0]
    for found, registered in (
        (one, both),
        (one, other),
        (nobody, both),
        (pd.DataFrame(), both),
        (both, nobody),
    ):
        assert sorted(with_registered(found, registered)["player_id"]) == [1, 2]
