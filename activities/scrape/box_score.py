"""A box score, whichever upstream it came from, and whether it adds up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE_MINUTES = 237.0
"""Least team minutes where a source rounds to whole minutes: 240 less what rounding may take."""

FRACTIONAL_MINUTES = 239.5
"""Least team minutes where a source gives fractions."""

REGULATION, OVERTIME = 48, 5
"""Minutes that a player can play; those of an overtime come on top."""

ROUNDED = 0.5
"""Minutes that rounding to whole ones may add."""


@dataclass(frozen=True)
class PlayerLine:
    """One player who appeared. `source_id` is nba.com's personId or None; minutes in minutes."""

    source_id: int | None
    name: str
    minutes: float
    starter: bool | None
    points: int
    fgm: int
    fga: int
    fg3m: int
    fg3a: int
    ftm: int
    fta: int
    oreb: int
    dreb: int
    assists: int
    steals: int
    blocks: int
    turnovers: int
    fouls: int
    plus_minus: int | None
    paint_points: int | None = None
    """Points scored in the paint; nba.com alone says."""

    @property
    def stat_line(self) -> tuple[int, ...]:
        """What two sources must agree on if they mean one player."""
        return (
            self.points, self.fgm, self.fga, self.fg3m, self.fg3a, self.ftm, self.fta, self.oreb,
            self.dreb, self.assists, self.steals, self.blocks, self.turnovers,
        )  # fmt: skip


def once(lines: Iterable[PlayerLine]) -> tuple[PlayerLine, ...]:
    """The lines in their order, one that a source repeats word for word only once."""
    return tuple(dict.fromkeys(lines))


@dataclass(frozen=True)
class TeamBox:
    """One team of a game: its points by the score, and the players who appeared."""

    team: str
    is_home: bool
    points: int
    players: tuple[PlayerLine, ...]


@dataclass(frozen=True)
class BoxScore:
    """One game as one source has it."""

    source: str
    final: bool
    fractional: bool
    independent: bool
    """False where the source is known to repeat the first one."""
    teams: tuple[TeamBox, ...]


def shortcomings(team: TeamBox, *, fractional: bool) -> str:
    """What does not add up in a team's box score, in words; empty when it is complete.

    Players' points sum to the team's, minutes to a full game (237, or 239.5 from a source of fractions);
    nobody played longer than the game; and every player's points are 2·FGM + 3PM + FTM.
    """
    total = sum(p.points for p in team.players)
    if total != team.points:
        return f"{team.team}: players sum to {total}, the team scored {team.points}"
    minutes = sum(p.minutes for p in team.players)
    least = FRACTIONAL_MINUTES if fractional else WHOLE_MINUTES
    if minutes < least:
        return f"{team.team}: {minutes:.1f} minutes, at least {least:g} expected"
    most = REGULATION + OVERTIME * max(0, round((minutes - 5 * REGULATION) / (5 * OVERTIME)))
    for player in team.players:
        if player.minutes > most + ROUNDED:
            return f"{team.team}: {player.name} with {player.minutes:.1f} minutes in a game of {most}"
        if 2 * player.fgm + player.fg3m + player.ftm != player.points:
            return f"{team.team}: {player.name}'s shots don't make his {player.points} points"
    return ""


def box_shortcomings(box: BoxScore) -> str:
    """The same for a whole game."""
    if not box.final:
        return "not final"
    if len(box.teams) != 2:
        return f"{len(box.teams)} teams"
    return "; ".join(found for t in box.teams if (found := shortcomings(t, fractional=box.fractional)))
