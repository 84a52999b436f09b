"""The simulated league's calendar: 1,230 games, 82 a team and 41 at home, in about 163 days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import numpy as np

from replay.asof import eastern
from replay.teams import TRICODES

ROUNDS = 82
#: How a round's fifteen games fall on two days; never the same team twice.
_SPLITS = ((11, 4), (8, 7), (10, 5), (7, 8), (12, 3), (9, 6), (5, 10), (13, 2))
_EVENING = (time(19, 0), time(19, 30), time(20, 0), time(20, 30), time(21, 0), time(22, 0))
_MATINEE = (time(13, 0), time(15, 30), time(18, 0))


class Slot(NamedTuple):
    """One scheduled game."""

    game_date: date
    tip: datetime
    away: str
    home: str


def calendar(seed: int, year: int) -> list[Slot]:
    """Return the season's games in the order of their tips."""
    rng = np.random.default_rng([seed, year, 2])
    slots: list[Slot] = []
    days = iter(_days(year))
    pairings = _rounds(rng)
    for at in rng.permutation(ROUNDS):
        games = [pairings[at][number] for number in rng.permutation(15)]
        cut = _SPLITS[rng.integers(len(_SPLITS))][0]
        for part in (games[:cut], games[cut:]):
            day = next(days)
            slots += [Slot(day, _tip(rng, day), away, home) for away, home in part]
    return sorted(slots, key=lambda slot: (slot.game_date, slot.tip, slot.home))


def _days(year: int) -> list[date]:
    """Return the season's 164 game days: from late October, without the breaks."""
    first = date(year, 10, 21)
    february = date(year + 1, 2, 14)
    star = february + timedelta(days=(4 - february.weekday()) % 7)
    november = date(year, 11, 22)
    thanksgiving = november + timedelta(days=(3 - november.weekday()) % 7)
    breaks = {thanksgiving, date(year, 12, 24)} | {star + timedelta(days=at) for at in range(-1, 5)}
    days = (first + timedelta(days=at) for at in range(200))
    return [day for day in days if day not in breaks][: 2 * ROUNDS]


def _rounds(rng: Any) -> list[list[tuple[str, str]]]:
    """Return 82 rounds in which every team plays once, by the circle method.

    Rounds come in pairs with home and away turned round, so that each team is at home 41 times.
    """
    teams = [TRICODES[at] for at in rng.permutation(len(TRICODES))]
    rounds = []
    for number in range(ROUNDS // 2):
        turned = teams[1:]
        shift = number % len(turned)
        circle = [teams[0], *turned[shift:], *turned[:shift]]
        pairs = [(circle[at], circle[-1 - at]) for at in range(15)]
        rounds += [pairs, [(home, away) for away, home in pairs]]
    return rounds


def _tip(rng: Any, day: date) -> datetime:
    matinee = day.weekday() >= 5 and rng.random() < 0.3
    times = _MATINEE if matinee else _EVENING
    return eastern(day, times[rng.integers(len(times))])
