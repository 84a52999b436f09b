"""Who is missing from a box score that adds up: a man of a minute, for whom rounding has made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from activities.raw.assembly import AssembledTeam, assemble
from activities.raw.resolution import Registry
from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, box_shortcomings
from activities.scrape.box_scores import Answer, GameAnswers
from activities.scrape.sources.nba_cdn import ScheduledGame
from tests.predictions.tables import frame

NIGHT = date(2025, 11, 5)
GAME = ScheduledGame(
    "20251105_PHI_CLE", "", NIGHT, "PHI", "CLE", datetime(2025, 11, 6, tzinfo=UTC), False, 3, False,
    "regular", 100, 100,
)  # fmt: skip


def line(name: str, minutes: float, points: int = 0) -> PlayerLine:
    """A player who made his points by twos."""
    twos = points // 2
    return PlayerLine(None, name, minutes, None, points, twos, twos, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, None)


def box(source: str, players: list[PlayerLine], *, fractional: bool = False) -> BoxScore:
    """A game in which Philadelphia's players are these and Cleveland's always the same."""
    other = tuple(line(f"CLE {n}", 48.0, 20) for n in range(5))
    teams = (TeamBox("PHI", False, 100, tuple(players)), TeamBox("CLE", True, 100, other))
    return BoxScore(source, True, fractional, True, teams)


FIVE = [line(f"PHI {n}", 47.0, 20) for n in range(3)] + [line(f"PHI {n}", 48.0, 20) for n in (3, 4)]
"""237 minutes: they add up."""

IN_SECONDS = [line(f"PHI {n}", 47.75, 20) for n in range(5)]
SALLIS = line("Hunter Sallis", 1.25)
WHOLE = box("espn", FIVE)


def philadelphia(*boxes: BoxScore) -> AssembledTeam:
    """What is made of them."""
    return assemble(GAME, list(boxes), Registry(frame("nba_reference.players", [])), NIGHT)[0]


def test_he_is_added_from_a_source_that_counts_seconds_and_it_is_named() -> None:
    assert not box_shortcomings(WHOLE)
    found = philadelphia(WHOLE, box("balldontlie", [*IN_SECONDS, SALLIS], fractional=True))
    assert sorted(e.line.name for e in found.lines) == ["Hunter Sallis", *(f"PHI {n}" for n in range(5))]
    assert (found.source, found.completed_by, found.incomplete_reason) == ("espn", "balldontlie", "")


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("he scored, and the team's points are all made", [*IN_SECONDS, replace(SALLIS, points=2, fgm=1)]),
        ("his minutes don't fit beside theirs", [*IN_SECONDS[:4], line("PHI 4", 37.75, 20), line("X", 10.0)]),
        ("it is somebody who is here under another name", [*IN_SECONDS[:4], line("Phil Four", 49.0, 20)]),
        ("the source is no finer", [*FIVE, line("Hunter Sallis", 1.0)]),
    ],
)
def test_nobody_is_added_when(why: str, told: list[PlayerLine]) -> None:
    finer = why != "the source is no finer"
    registry = Registry(frame("nba_reference.players", []))
    boxes = [WHOLE, box("balldontlie", told, fractional=finer)]
    found = assemble(GAME, boxes, registry, NIGHT)[0]
    assert (len(found.lines), found.completed_by, registry.new_players) == (5, "", 10)


@pytest.mark.parametrize(
    ("boxes", "settled"),
    [
        ([WHOLE], False),
        ([replace(WHOLE, source="nba_cdn")], True),
        ([WHOLE, box("balldontlie", [*IN_SECONDS, SALLIS], fractional=True)], True),
    ],
)
def test_the_next_source_is_asked_after_whole_minutes_but_nba_com_s(
    boxes: list[BoxScore], settled: bool
) -> None:
    entry = GameAnswers(GAME, [Answer(it.source, box=it, shortcomings=box_shortcomings(it)) for it in boxes])
    assert entry.complete
    assert entry.settled is settled
