"""Which box scores a morning asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd

from activities.scrape.box_scores import complete_games, games_wanted
from activities.scrape.sources.nba_cdn import ScheduledGame

DAY = date(2025, 11, 7)


def game(day: int, away: str, home: str, *, status: int = 3, postponed: bool = False) -> ScheduledGame:
    on = date(2025, 11, day)
    return ScheduledGame(
        key=f"{on:%Y%m%d}_{away}_{home}", nba_game_id="1", game_date=on, away=away, home=home,
        tip=datetime(2025, 11, day, tzinfo=UTC), tip_assumed=False, status=status, postponed=postponed,
        season_type="regular", home_score=None, away_score=None,
    )  # fmt: skip


def known(*keys: str, complete: bool = True) -> pd.DataFrame:
    """Both team rows of games that are there."""
    rows = [{"game_id": key, "is_complete": complete} for key in keys for _ in range(2)]
    return pd.DataFrame(rows, columns=["game_id", "is_complete"])


def wanted(schedule: list[ScheduledGame], there: pd.DataFrame) -> list[str]:
    return [g.key for g in games_wanted(schedule, DAY, complete_games(there))]


def test_the_games_of_the_day_before_are_always_asked_for() -> None:
    assert wanted([game(6, "LAC", "PHX"), game(7, "BOS", "ORL", status=1)], known("20251106_LAC_PHX")) == [
        "20251106_LAC_PHX"
    ]


def test_a_missing_earlier_game_brings_its_whole_date_again() -> None:
    schedule = [game(4, "ATL", "ORL"), game(4, "MIA", "LAC"), game(5, "MIN", "NYK")]
    there = known("20251104_ATL_ORL", "20251105_MIN_NYK")
    assert wanted(schedule, there) == ["20251104_ATL_ORL", "20251104_MIA_LAC"]


def test_an_incomplete_earlier_game_is_looked_for_again() -> None:
    assert wanted([game(4, "ATL", "ORL")], known("20251104_ATL_ORL", complete=False)) == ["20251104_ATL_ORL"]


def test_a_postponed_game_is_not_a_missing_one() -> None:
    assert wanted([game(6, "LAC", "PHX", postponed=True)], known()) == []


def test_a_game_of_long_ago_is_no_longer_looked_for() -> None:
    schedule = [
        game(6, "LAC", "PHX"),
        ScheduledGame(**{**game(1, "A", "B").__dict__, "game_date": date(2025, 10, 20)}),
    ]
    assert wanted(schedule, known()) == ["20251106_LAC_PHX"]
