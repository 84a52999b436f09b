"""One box score out of what several sources say: the first that answered, completed by the next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from activities.processor import ObjectStore
from activities.raw.resolution import Found, Registry
from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, shortcomings
from activities.scrape.box_scores import may_hide, parse_stored
from activities.scrape.log import stored
from activities.scrape.schedule import read_schedule
from activities.scrape.sources import balldontlie, espn, nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.clock import season_of
from shared.errors import UpstreamContractViolation
from shared.ids import player_lookup

MOST_ROUNDING = 3.0
"""Minutes that rounding each player's adds to a team's at most; as many as it may take away."""

CHAIN = (nba_cdn.SOURCE, espn.SOURCE, balldontlie.SOURCE)


@dataclass(frozen=True)
class ResolvedLine:
    """A player's line, who he is, and which source it is from."""

    line: PlayerLine
    found: Found
    source: str
    fractional: bool


@dataclass(frozen=True)
class AssembledTeam:
    """One team of a game, whole or with what it lacks."""

    game: ScheduledGame
    team: str
    opponent: str
    is_home: bool
    points: int
    source: str
    lines: tuple[ResolvedLine, ...]
    completed_by: str
    incomplete_reason: str

    def player_rows(self) -> list[dict[str, Any]]:
        """Rows of `nba_raw.player_box_scores`."""
        return [_player_row(self, entry) for entry in self.lines]

    def team_row(self) -> dict[str, Any]:
        """The row of `nba_raw.team_box_scores`; team statistics are sums over the players."""
        lines = [entry.line for entry in self.lines]
        sums = {
            name: sum(getattr(line, name) for line in lines)
            for name in ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "assists", "turnovers")
        }
        return {
            "game_date": self.game.game_date,
            "game_id": self.game.key,
            "season": season_of(self.game.game_date),
            "season_type": self.game.season_type,
            "team_abbr": self.team,
            "opponent_abbr": self.opponent,
            "is_home": self.is_home,
            "points": self.points,
            "player_points": sum(line.points for line in lines),
            "players": len(lines),
            "player_minutes": sum(line.minutes for line in lines),
            **sums,
            "is_complete": not self.incomplete_reason,
            "incomplete_reason": self.incomplete_reason or None,
            "source": self.source,
            "completed_by": self.completed_by or None,
        }


def stored_boxes(responses: pd.DataFrame, objects: ObjectStore) -> list[tuple[ScheduledGame, list[BoxScore]]]:
    """The stored box scores of each game in the order of the chain, games in order of their keys."""
    games = {g.key: g for g in read_schedule(responses, objects)}
    by_game: dict[str, list[BoxScore]] = {}
    entries = stored(responses, objects, "box_score/")
    for row, body in sorted(entries, key=lambda e: CHAIN.index(str(e[0]["source"]))):
        key = str(row["request"]).split("/")[1]
        if row["status"] == "failed" or key not in games:
            continue
        try:
            box = parse_stored(str(row["source"]), body, games[key])
        except UpstreamContractViolation:
            continue
        if box.final:
            by_game.setdefault(key, []).append(box)
    return [(games[key], by_game[key]) for key in sorted(by_game)]


def assemble(game: ScheduledGame, boxes: list[BoxScore], registry: Registry, on: date) -> list[AssembledTeam]:
    """The two teams of a game. New players are added to the registry under the date `on`."""
    return [
        _team(game, letters, opponent, is_home, boxes, registry, on)
        for letters, opponent, is_home in ((game.away, game.home, False), (game.home, game.away, True))
    ]


def _team(
    game: ScheduledGame, letters: str, opponent: str, is_home: bool, boxes: list[BoxScore],
    registry: Registry, on: date,
) -> AssembledTeam:  # fmt: skip
    versions = [(b, t) for b in boxes for t in b.teams if t.team == letters and t.players]
    if not versions:
        return AssembledTeam(
            game, letters, opponent, is_home, 0, boxes[0].source, (), "", f"{letters}: no source has players"
        )
    at, lines, doubted = _first_sure(versions, letters, registry, on)
    base, team = versions[at]
    team = replace(team, players=tuple(e.line for e in lines))
    lacking = doubted or shortcomings(team, fractional=base.fractional)
    completed: list[str] = []
    for box, other in [] if doubted else [*versions[:at], *versions[at + 1 :]]:
        if not lacking:
            break
        extra = _missing_from(lines, box, other, registry, on)
        whole = replace(team, players=tuple(e.line for e in [*lines, *extra]))
        scored = replace(team, points=other.points)
        if extra and not shortcomings(whole, fractional=base.fractional):
            lines += extra
            lacking = ""
            completed.append(_named(box))
        elif not shortcomings(scored, fractional=base.fractional):
            # Its players make what another source says the team scored: only the score was wrong.
            team, lacking = scored, ""
            completed.append(f"{box.source} (score)")
    if not lacking and not completed and may_hide(base):
        for box, other in versions[at + 1 :]:
            hidden = _hidden_from(lines, box, other, registry, on)
            if hidden:
                lines += hidden
                completed.append(_named(box))
                break
    whole_by_itself = _whole_by_itself(game, is_home, versions) if lacking and not doubted else None
    if whole_by_itself:
        base, team = whole_by_itself
        lines = [_resolved(line, base, team, registry, on) for line in team.players]
        lacking = ""
    return AssembledTeam(
        game=game,
        team=letters,
        opponent=opponent,
        is_home=is_home,
        points=team.points,
        source=base.source,
        lines=tuple(sorted(lines, key=lambda e: e.found.player.player_id)),
        completed_by=", ".join(completed),
        incomplete_reason=lacking or _twice(lines, letters),
    )


def _first_sure(
    versions: list[tuple[BoxScore, TeamBox]], letters: str, registry: Registry, on: date
) -> tuple[int, list[ResolvedLine], str]:
    """The first source with one line a player; where none has, the first without those it doubts."""
    for at, (box, team) in enumerate(versions):
        lines = [_resolved(line, box, team, registry, on) for line in team.players]
        if not _twice(lines, letters):
            return at, lines, ""
    box, team = versions[0]
    lines = [_resolved(line, box, team, registry, on) for line in team.players]
    counts = Counter(e.found.player.player_id for e in lines)
    sure = [e for e in lines if counts[e.found.player.player_id] == 1]
    return 0, sure, _twice(lines, letters)


def _whole_by_itself(
    game: ScheduledGame, is_home: bool, versions: list[tuple[BoxScore, TeamBox]]
) -> tuple[BoxScore, TeamBox] | None:
    """The first later source whose box score is whole as it is; None if none is.

    The first source may have frozen at half-time, with half of what each player did: then nobody is missing,
    and nothing can be added. The schedule's score says who is right; without it, who has seen more points.
    One with the same points says nothing of a player without any: its whole minutes hide him.
    """
    there = sum(player.points for player in versions[0][1].players)
    score = game.home_score if is_home else game.away_score
    for box, team in versions[1:]:
        agrees = team.points >= versions[0][1].points if score is None else team.points == score
        more = box.independent and agrees and team.points != there
        if more and not shortcomings(team, fractional=box.fractional):
            return box, team
    return None


def _resolved(line: PlayerLine, box: BoxScore, team: TeamBox, registry: Registry, on: date) -> ResolvedLine:
    found = registry.find_or_add(
        line.name, line.source_id, team=team.team, source=box.source, on=on,
        not_of=_namesakes_of(line, box, team),
    )  # fmt: skip
    return ResolvedLine(line, found, box.source, box.fractional)


def _namesakes_of(line: PlayerLine, box: BoxScore, team: TeamBox) -> set[str]:
    """The other team, if it has a player of the name too: two men."""
    lookup = player_lookup(line.name)
    return {
        other.team for other in box.teams
        if other.team != team.team and any(player_lookup(p.name) == lookup for p in other.players)
    }  # fmt: skip


def _missing_from(
    lines: list[ResolvedLine], box: BoxScore, other: TeamBox, registry: Registry, on: date
) -> list[ResolvedLine]:
    """The players whom another source has and this one lacks.

    A name that resolves to nobody, with the very stat line of a player who is here under a name that the
    other source lacks, is that player.
    """
    here = {e.found.player.player_id for e in lines}
    names_there = {player_lookup(p.name) for p in other.players}
    unmatched = {e.line.stat_line for e in lines if player_lookup(e.line.name) not in names_there}
    extra = []
    for line in other.players:
        found = registry.find(
            line.name, line.source_id, teams=(other.team,), not_of=_namesakes_of(line, box, other)
        )
        if found and found.player.player_id in here:
            continue
        if found is None and line.stat_line in unmatched:
            continue
        extra.append(_resolved(line, box, other, registry, on))
    return extra


def _hidden_from(
    lines: list[ResolvedLine], box: BoxScore, other: TeamBox, registry: Registry, on: date
) -> list[ResolvedLine]:
    """The scoreless players of a finer source whom whole minutes that add up have hidden.

    Only where it has just so many players more, whose time fits into the game: one who is here under another
    name would be one too many.
    """
    spare = len(other.players) - len(lines)
    if spare < 1 or not box.fractional or shortcomings(other, fractional=True):
        return []
    scoreless = replace(other, players=tuple(p for p in other.players if not p.points))
    extra = _missing_from(lines, box, scoreless, registry, on)
    minutes = sum(e.line.minutes for e in [*lines, *extra])
    fits = minutes <= sum(p.minutes for p in other.players) + MOST_ROUNDING
    return extra if fits and len(extra) == spare else []


def _named(box: BoxScore) -> str:
    """The source as a completed team names it."""
    return box.source if box.independent else f"{box.source} (not independent)"


def _twice(lines: list[ResolvedLine], letters: str) -> str:
    seen: set[int] = set()
    for entry in lines:
        player = entry.found.player
        if player.player_id in seen:
            return f"{letters}: two lines resolve to {player.name}"
        seen.add(player.player_id)
    return ""


def _player_row(team: AssembledTeam, entry: ResolvedLine) -> dict[str, Any]:
    line, player = entry.line, entry.found.player
    return {
        "game_date": team.game.game_date,
        "game_id": team.game.key,
        "season": season_of(team.game.game_date),
        "season_type": team.game.season_type,
        "player_id": player.player_id,
        "player_lookup": player.lookup,
        "player_name": player.name,
        "team_abbr": team.team,
        "opponent_abbr": team.opponent,
        "is_home": team.is_home,
        "minutes": line.minutes,
        "minutes_fractional": entry.fractional,
        "is_starter": line.starter,
        "points": line.points,
        "fgm": line.fgm,
        "fga": line.fga,
        "fg3m": line.fg3m,
        "fg3a": line.fg3a,
        "ftm": line.ftm,
        "fta": line.fta,
        "oreb": line.oreb,
        "dreb": line.dreb,
        "assists": line.assists,
        "steals": line.steals,
        "blocks": line.blocks,
        "turnovers": line.turnovers,
        "fouls": line.fouls,
        "plus_minus": line.plus_minus,
        "points_in_paint": line.paint_points,
        "source": entry.source,
        "resolution": entry.found.how,
    }
