"""A simulated league with more players a team, to see what a bigger day costs.

Each player gets namesakes, who play what he plays in other games of the season: every row is one that the
league has, and a team's minutes and points are so many times as many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from replay.league import BoxRow

ENDINGS = ("Alpha", "Bravo", "Castor", "Delta", "Elgin", "Ferro", "Gamma", "Hazel", "Indigo")
"""What a namesake's last name ends with."""

MOST = 1 + len(ENDINGS)
_GENERATIONS = ("Jr.", "II", "III", "IV")
_IDS_APART = 100_000
_GAMES_APART = 7
"""A namesake plays what the player plays so many games later."""


def namesakes(name: str, crowd: int) -> list[str]:
    """The player and those who are added for him, `crowd` in all."""
    stem, _, generation = name.rpartition(" ")
    if generation not in _GENERATIONS:
        stem, generation = name, ""
    return [name, *(f"{stem}-{ending} {generation}".rstrip() for ending in ENDINGS[: crowd - 1])]


def crowded(boxes: Sequence[Sequence[BoxRow]], crowd: int) -> list[list[BoxRow]]:
    """The box scores of games in their order, away side first, with the namesakes' rows."""
    of_team: dict[str, list[list[BoxRow]]] = defaultdict(list)
    for box in boxes:
        for team in dict.fromkeys(row.team for row in box):
            of_team[team].append([row for row in box if row.team == team])
    played: dict[str, int] = defaultdict(int)
    found = []
    for box in boxes:
        sides = [_side(of_team[team], played[team], crowd) for team in dict.fromkeys(row.team for row in box)]
        for side in sides:
            played[side[0].team] += 1
        if len({sum(row.pts for row in side) for side in sides}) == 1:
            # No overtime here: the home side gets a free throw more.
            best = max(range(len(sides[1])), key=lambda at: sides[1][at].minutes)
            row = sides[1][best]
            sides[1][best] = row._replace(ftm=row.ftm + 1, fta=row.fta + 1, pts=row.pts + 1)
        found.append([row for side in sides for row in side])
    return found


def _side(games: Sequence[Sequence[BoxRow]], at: int, crowd: int) -> list[BoxRow]:
    rows = list(games[at])
    for number in range(1, crowd):
        for row in games[(at + number * _GAMES_APART) % len(games)]:
            name = namesakes(row.name, number + 1)[number]
            rows.append(row._replace(name=name, person_id=row.person_id + number * _IDS_APART, started=False))
    return rows
