"""Who may play tonight, and for whom: rosters, recent games and lines brought together."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from activities.analytics.mornings import OF_A_GAME, YEAR, counted
from activities.analytics.windows import History

ROSTER_FALLBACK_DAYS = 30
"""A team without a roster is taken to be those whose latest game in these days was for it."""

LEAST_KNOWN = 0.5
"""Of those who played for a team lately and are on no other roster, the share that its roster must list; one
that lists fewer is of another time. No trade takes half a team away."""

ENOUGH_TO_TELL = 5
"""Such players without whom nothing is said of a roster: a season that begins, a team of newcomers."""


@dataclass(frozen=True)
class Pool:
    """The slate's players, one row each: player_id and team_abbr; and what had to be decided."""

    players: pd.DataFrame
    warnings: tuple[str, ...]


def _latest_teams(
    player_games: pd.DataFrame, teams: pd.DataFrame, *windows: int
) -> tuple[dict[int, str], ...]:
    """For each window, the team of each player's latest game in so many days before the slate."""
    played = counted(player_games[[*OF_A_GAME, "team_abbr"]])
    ids = pd.DataFrame({"player_id": played["player_id"].unique().astype("int64")})
    targets = ids.assign(game_date=teams["game_date"].iloc[0])
    history = History(played, "player_id")
    players = [int(player) for player in ids["player_id"]]
    found = (history.latest("team_abbr", history.before(targets, days)) for days in windows)
    return tuple(
        {player: str(team) for player, team in zip(players, latest, strict=True) if team is not None}
        for latest in found
    )


def _listed(
    rosters: pd.DataFrame, teams: pd.DataFrame, recent: dict[int, str]
) -> tuple[dict[int, set[str]], list[str], list[str]]:
    """Per player the slate teams that list him; the teams that had to be guessed; whose roster is stale."""
    listed: dict[int, set[str]] = {}
    for player, team in zip(rosters["player_id"], rosters["team_abbr"], strict=True):
        listed.setdefault(int(player), set()).add(str(team))
    stale = _stale(listed, set(rosters["team_abbr"]) & set(teams["team_abbr"]), recent)
    guessed = sorted({*set(teams["team_abbr"]) - set(rosters["team_abbr"]), *stale})
    for player, team in recent.items():
        # A player whom another team lists has moved; he is no longer a guess.
        if team in guessed and player not in listed:
            listed.setdefault(player, set()).add(team)
    return listed, guessed, stale


def _stale(listed: dict[int, set[str]], teams: set[str], recent: dict[int, str]) -> list[str]:
    """The teams whose roster lists few of those who have played for them lately."""
    found = []
    for team in sorted(teams):
        own = [
            p for p, played_for in recent.items() if played_for == team and listed.get(p, {team}) == {team}
        ]
        known = sum(p in listed for p in own)
        if len(own) >= ENOUGH_TO_TELL and known < LEAST_KNOWN * len(own):
            found.append(team)
    return found


def slate_players(
    teams: pd.DataFrame,
    rosters: pd.DataFrame,
    player_games: pd.DataFrame,
    lines: pd.DataFrame,
    line_teams: dict[int, str],
) -> Pool:
    """Every player of a slate team's latest known roster, and every player with a line.

    Args:
        teams: the slate, a row per team: game_date, game_id, team_abbr.
        rosters: roster rows of the morning: team_abbr, player_id.
        player_games: games before the day.
        lines: consensus lines: player_id, game_id.
        line_teams: the team that the lines' parser gave a player, where it could.

    A player listed twice belongs to the team of his line's game, else to that of his latest game.
    """
    if teams.empty:
        return Pool(pd.DataFrame({"player_id": [], "team_abbr": []}), ())
    on_slate = set(teams["team_abbr"])
    sides: dict[str, set[str]] = {}
    for game, team in zip(teams["game_id"], teams["team_abbr"], strict=True):
        sides.setdefault(str(game), set()).add(str(team))
    latest, recent = _latest_teams(player_games, teams, YEAR, ROSTER_FALLBACK_DAYS)
    listed, guessed, stale = _listed(rosters, teams, recent)
    line_games = {int(p): str(g) for p, g in zip(lines["player_id"], lines["game_id"], strict=True)}

    chosen: dict[int, str] = {}
    lost: list[int] = []
    for player in sorted(listed.keys() | line_games.keys()):
        candidates = listed.get(player, set()) & on_slate
        if player in line_games:
            possible = sides[line_games[player]]
            named = {line_teams[player]} if player in line_teams else set()
            played_for = {latest[player]} if player in latest else set()
            options = (named & possible, candidates & possible, played_for & possible)
            candidates = next((option for option in options if option), set())
            if not candidates:
                lost.append(player)
                continue
        if not candidates:
            continue
        team = latest.get(player)
        chosen[player] = team if team is not None and team in candidates else min(candidates)

    warnings = [
        f"{team}: {'roster out of date, its recent players added' if team in stale else 'no roster, taken'} "
        f"from the last {ROSTER_FALLBACK_DAYS} days' games"
        for team in guessed
    ]
    if lost:
        some = ", ".join(str(player) for player in lost[:10])
        warnings.append(f"{len(lost)} players with a line left out, team unknown: {some}")
    players = pd.DataFrame(
        {"player_id": pd.Series(list(chosen), dtype="int64"), "team_abbr": list(chosen.values())}
    )
    return Pool(players, tuple(warnings))
