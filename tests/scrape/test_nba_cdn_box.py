"""nba.com's live box score in the wire format that swar/nba_api documents (0022000180, abridged)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from activities.raw.assembly import assemble
from activities.raw.resolution import Registry
from activities.scrape.box_score import BoxScore, PlayerLine
from activities.scrape.sources import nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.errors import UpstreamContractViolation
from shared.ids import game_key

JAYLEN_BROWN: dict[str, Any] = {
    "assists": 8, "blocks": 0, "blocksReceived": 0, "fieldGoalsAttempted": 12, "fieldGoalsMade": 6,
    "fieldGoalsPercentage": 0.5, "foulsOffensive": 0, "foulsDrawn": 4, "foulsPersonal": 1,
    "foulsTechnical": 0, "freeThrowsAttempted": 7, "freeThrowsMade": 7, "freeThrowsPercentage": 1.0,
    "minus": 50.0, "minutes": "PT25M01.00S", "minutesCalculated": "PT25M", "plus": 65.0,
    "plusMinusPoints": 15.0, "points": 21, "pointsFastBreak": 0, "pointsInThePaint": 6,
    "pointsSecondChance": 0, "reboundsDefensive": 2, "reboundsOffensive": 0, "reboundsTotal": 2,
    "steals": 1, "threePointersAttempted": 5, "threePointersMade": 2, "threePointersPercentage": 0.4,
    "turnovers": 2, "twoPointersAttempted": 7, "twoPointersMade": 4,
    "twoPointersPercentage": 0.5714285714285711,
}  # fmt: skip


def box_score(**changed: Any) -> BoxScore:
    """The game as parsed; some of Jaylen Brown's statistics changed, None to leave one out."""
    statistics = {k: v for k, v in {**JAYLEN_BROWN, **changed}.items() if v is not None}
    player = {
        "status": "ACTIVE", "order": 1, "personId": 1627759, "jerseyNum": "7", "position": "SF",
        "starter": "1", "oncourt": "0", "played": "1", "statistics": statistics, "name": "Jaylen Brown",
        "nameI": "J. Brown", "firstName": "Jaylen", "familyName": "Brown",
    }  # fmt: skip
    teams = {
        side: {"teamId": 1610612738, "teamTricode": tricode, "score": 124, "players": players}
        for side, tricode, players in (("homeTeam", "BOS", [player]), ("awayTeam", "ORL", []))
    }
    body = {"meta": {"version": 1}, "game": {"gameId": "0022000180", "gameStatus": 3, **teams}}
    return nba_cdn.parse_box_score(json.dumps(body).encode())


def line(**changed: Any) -> PlayerLine:
    """Jaylen Brown's line."""
    return box_score(**changed).teams[1].players[0]


def test_points_in_the_paint_are_kept_as_far_as_the_raw_row() -> None:
    assert (line().points, line().paint_points) == (21, 6)
    day = date(2021, 1, 15)
    game = ScheduledGame(
        game_key(day, "ORL", "BOS"), "0022000180", day, "ORL", "BOS",
        datetime(2021, 1, 16, 0, 30, tzinfo=UTC), False, 3, False, "regular", 124, 97,
    )  # fmt: skip
    _, home = assemble(game, [box_score()], Registry(pd.DataFrame()), day)
    assert [row["points_in_paint"] for row in home.player_rows()] == [6]


@pytest.mark.parametrize("minutes", ["25:01", "25", ""])
def test_minutes_written_otherwise_are_refused_and_not_read_as_none(minutes: str) -> None:
    with pytest.raises(UpstreamContractViolation, match="minutes: "):
        box_score(minutes=minutes)


@pytest.mark.parametrize("paint", [None, 7, -2, 10])
def test_points_in_the_paint_that_four_two_pointers_cannot_make_are_not(paint: int | None) -> None:
    assert line(pointsInThePaint=paint).paint_points is None
