"""BallDontLie v1: games, player stats and injuries, from the independent second source, in its own ids."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from replay.asof import season_of, season_year
from replay.league import BDL_SPACE, BoxRow, Game, Injury, League, Season, bdl_game_id
from replay.reply import Ask, Reply, reply
from replay.teams import TEAMS

DEFAULT_PAGE = 25
LARGEST_PAGE = 100


def player_id(name: str) -> int:
    """Return BallDontLie's id of the player: a stable number of its own space, from the name."""
    digest = hashlib.blake2s(f"bdl:{name}".encode(), digest_size=5).digest()
    return 100_000_000 + int.from_bytes(digest, "big") % 900_000_000


def games(league: League, ask: Ask) -> Reply:
    """Serve the games of `dates[]`, a page at a time."""
    refused = _refused(ask)
    if refused:
        return refused
    try:
        days = [date.fromisoformat(text) for text in ask.many("dates")]
        found = [pair for day in days for pair in _of_day(league, day)]
        rows = [_game(game, ask.as_of) for _, game in found]
        return _page(ask, rows, independent=_independent(found), about=_about(found, days))
    except ValueError as error:
        return reply({"error": str(error)}, status=400)


def stats(league: League, ask: Ask) -> Reply:
    """Serve the player rows of `game_ids[]` or `dates[]`, of games that are final, by page.

    `meta.independent` says whether they come from the second source; where the record has none,
    they are the first source's and can't complete it.
    """
    refused = _refused(ask)
    if refused:
        return refused
    try:
        days = [date.fromisoformat(text) for text in ask.many("dates")]
        found = [pair for day in days for pair in _of_day(league, day)]
        for text in ask.many("game_ids"):
            one = league.find_game(f"{int(text) - BDL_SPACE:010d}")
            found += [one] if one else []
        rows = [row for season, game in found for row in _stats(season, game, ask.as_of)]
        return _page(ask, rows, independent=_independent(found), about=_about(found, days))
    except ValueError as error:
        return reply({"error": str(error)}, status=400)


def player_injuries(league: League, ask: Ask) -> Reply:
    """Serve the injury report, a page at a time; 404 when the source has none, never an empty list."""
    refused = _refused(ask)
    if refused:
        return refused
    listed = league.injuries(ask.as_of)
    if listed is None:
        return reply({"error": "unavailable in recorded data"}, status=404)
    try:
        return _page(ask, [_injury(injury) for injury in listed], key=lambda row: int(row["player"]["id"]))
    except ValueError as error:
        return reply({"error": str(error)}, status=400)


def _injury(injury: Injury) -> dict[str, Any]:
    first, _, last = injury.name.partition(" ")
    return {
        "player": {
            "id": player_id(injury.name),
            "first_name": first,
            "last_name": last,
            "position": injury.position,
            "team_id": TEAMS[injury.team].bdl_id,
        },
        "return_date": f"{injury.returns:%b} {injury.returns.day}",
        "description": f"{injury.reported:%b} {injury.reported.day}: {injury.name} "
        f"({injury.part.lower()}) is {injury.status.lower()}.",
        "status": injury.status,
    }


def _refused(ask: Ask) -> Reply | None:
    return None if ask.headers.get("authorization") else reply('"Unauthorized"', status=401)


def _of_day(league: League, day: date) -> list[tuple[Season, Game]]:
    season = league.season(season_of(day))
    return [(season, game) for game in season.by_date.get(day, [])] if season else []


def _independent(found: Sequence[tuple[Season, Game]]) -> bool:
    return all(game.game_id in season.second for season, game in found)


def _about(found: Sequence[tuple[Season, Game]], days: Sequence[date]) -> dict[str, frozenset[str]]:
    dates = {game.game_date.isoformat() for _, game in found} | {day.isoformat() for day in days}
    names = {name for _, game in found for name in game.aliases()}
    return {"game_id": frozenset(names), "date": frozenset(dates)}


def _page(
    ask: Ask,
    rows: list[dict[str, Any]],
    *,
    independent: bool | None = None,
    about: dict[str, frozenset[str]] | None = None,
    key: Callable[[dict[str, Any]], int] = lambda row: int(row["id"]),
) -> Reply:
    size = int(ask.one("per_page") or DEFAULT_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        return reply({"error": f"per_page must be between 1 and {LARGEST_PAGE}"}, status=400)
    cursor = int(ask.one("cursor") or 0)
    rest = sorted((row for row in rows if key(row) > cursor), key=key)
    page = rest[:size]
    meta: dict[str, Any] = {"per_page": size}
    if independent is not None:
        meta["independent"] = independent
    if len(rest) > size:
        meta = {"next_cursor": key(page[-1])} | meta
    return reply({"data": page, "meta": meta}, about=about or {})


def _brief(game: Game, as_of: datetime) -> dict[str, Any]:
    state = game.state(as_of)
    final = state == "final"
    texts = {"postponed": "Postponed", "live": "In Progress", "final": "Final"}
    return {
        "id": bdl_game_id(game.game_id),
        "date": game.game_date.isoformat(),
        "season": season_year(game.season),
        "status": texts.get(state, f"{game.tip:%Y-%m-%dT%H:%M:%SZ}"),
        "period": 4 if final else 0,
        "time": "Final" if final else None,
        "postseason": False,
        "home_team_score": game.home_pts if final else 0,
        "visitor_team_score": game.away_pts if final else 0,
        "datetime": f"{game.tip:%Y-%m-%dT%H:%M:%S.000Z}",
    }


def _game(game: Game, as_of: datetime) -> dict[str, Any]:
    sides = {"home_team": _team(game.home), "visitor_team": _team(game.away)}
    return _brief(game, as_of) | sides


def _team(tricode: str) -> dict[str, Any]:
    team = TEAMS[tricode]
    return {
        "id": team.bdl_id,
        "conference": team.conference,
        "division": team.division,
        "city": team.city,
        "name": team.name,
        "full_name": team.full_name,
        "abbreviation": tricode,
    }


def _stats(season: Season, game: Game, as_of: datetime) -> list[dict[str, Any]]:
    if game.state(as_of) != "final":
        return []
    rows = season.second.get(game.game_id) or season.box.get(game.game_id, ())
    brief = _brief(game, as_of) | {
        "home_team_id": TEAMS[game.home].bdl_id,
        "visitor_team_id": TEAMS[game.away].bdl_id,
    }
    first = bdl_game_id(game.game_id) * 100
    return [_stat(row, first + at, brief) for at, row in enumerate((r for r in rows if r.played), 1)]


def _stat(row: BoxRow, number: int, game: dict[str, Any]) -> dict[str, Any]:
    first, _, last = row.name.partition(" ")
    return {
        "id": number,
        "min": _minutes(row.minutes),
        "fgm": row.fgm,
        "fga": row.fga,
        "fg_pct": _pct(row.fgm, row.fga),
        "fg3m": row.fg3m,
        "fg3a": row.fg3a,
        "fg3_pct": _pct(row.fg3m, row.fg3a),
        "ftm": row.ftm,
        "fta": row.fta,
        "ft_pct": _pct(row.ftm, row.fta),
        "oreb": row.oreb,
        "dreb": row.dreb,
        "reb": row.reb,
        "ast": row.ast,
        "stl": row.stl,
        "blk": row.blk,
        "turnover": row.tov,
        "pf": row.pf,
        "pts": row.pts,
        "player": {
            "id": player_id(row.name),
            "first_name": first,
            "last_name": last,
            "position": "",
            "team_id": TEAMS[row.team].bdl_id,
        },
        "team": _team(row.team),
        "game": game,
    }


def _minutes(minutes: float) -> str:
    """Return whole minutes as "34" and fractional ones as "34:44"."""
    if isinstance(minutes, int):
        return f"{minutes:02d}"
    whole, seconds = divmod(round(minutes * 60), 60)
    return f"{whole:02d}:{seconds:02d}"


def _pct(made: int, attempted: int) -> float:
    return round(made / attempted, 3) if attempted else 0.0
