"""What a fault does to the rows of an answer: lose a game or a player, add points, move a line, repeat a row.

An edit returns whether it found what it was to change, so that a fault set for one player isn't
spent on an answer without him.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from replay.faults import Fault
from replay.league import BDL_SPACE, ESPN_SPACE, League
from replay.reply import Reply, encode

Rows = list[Any]


def edited(reply: Reply, fault: Fault, league: League) -> Reply | None:
    """Return the answer as the fault leaves it, or None when it holds nothing to change."""
    if reply.status != 200:
        return None
    if fault.kind == "missing_game" and fault.route in _ONE_GAME:
        return _ONE_GAME[fault.route](reply)
    body = json.loads(reply.body)
    names = _names(fault, league)
    edit = {
        "missing_game": _lose_game,
        "missing_player": _lose_player,
        "wrong_total": _add_points,
        "no_score": _clear_score,
        "moved_line": _move_lines,
        "duplicate_row": _repeat,
    }[fault.kind]
    if not edit(fault, body, names):
        return None
    return Reply(encode(body).encode(), 200, reply.media_type, reply.headers, reply.about)


def _denied(reply: Reply) -> Reply:
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return Reply(body, 403, "application/xml", about=reply.about)


def _not_found(reply: Reply) -> Reply:
    return Reply(b'{"code":404,"message":"Not Found"}', 404, about=reply.about)


#: What a route about a single game answers when the game is missing.
_ONE_GAME: dict[str, Callable[[Reply], Reply]] = {
    "nba-cdn/boxscore": _denied,
    "espn/summary": _not_found,
    "odds-api/event-odds": _not_found,
}


def _names(fault: Fault, league: League) -> set[str]:
    """Return every upstream's id of the game that the fault names, in whichever form it does."""
    wanted = fault.match.get("game_id") or fault.match.get("event_id")
    if wanted is None:
        return set()
    names = {wanted}
    digits = wanted if wanted.isdigit() else ""
    for offset in (0, ESPN_SPACE, BDL_SPACE):
        found = league.find_game(f"{int(digits or 0) - offset:010d}")
        if found:
            names |= found[1].aliases()
    if "_" in wanted:
        names |= _by_key(league, wanted)
    return names


def _by_key(league: League, key: str) -> set[str]:
    for summary in league.summaries():
        season = league.season(summary.season)
        for game in season.games if season else ():
            if game.key == key:
                return game.aliases()
    return set()


#: Each list of games of a route's answer, and the key of a game's id in it.
_GAME_ROWS: dict[str, tuple[str, Callable[[Any], list[Rows]]]] = {
    "nba-cdn/schedule": (
        "gameId",
        lambda body: [day["games"] for day in body["leagueSchedule"]["gameDates"]],
    ),
    "espn/scoreboard": ("id", lambda body: [body["events"]]),
    "odds-api/events": ("id", lambda body: [body]),
    "balldontlie/games": ("id", lambda body: [body["data"]]),
}
#: Each list of player rows of a route's answer.
_PLAYER_ROWS: dict[str, Callable[[Any], list[Rows]]] = {
    "nba-cdn/boxscore": lambda body: [body["game"][side]["players"] for side in ("homeTeam", "awayTeam")],
    "stats-nba/leaguegamelog": lambda body: [body["resultSets"][0]["rowSet"]],
    "odds-api/event-odds": lambda body: [
        market["outcomes"] for book in body["bookmakers"] for market in book["markets"]
    ],
    "espn/summary": lambda body: [team["statistics"][0]["athletes"] for team in body["boxscore"]["players"]],
    "espn/injuries": lambda body: [team["injuries"] for team in body["injuries"]],
    "espn/roster": lambda body: [body["athletes"]],
    "balldontlie/stats": lambda body: [body["data"]],
    "balldontlie/player_injuries": lambda body: [body["data"]],
}


def _game_rows(route: str, body: Any) -> list[tuple[Rows, str]]:
    if route not in _GAME_ROWS:
        return []
    key, find = _GAME_ROWS[route]
    return [(rows, key) for rows in find(body)]


def _player_rows(route: str, body: Any) -> list[Rows]:
    return _PLAYER_ROWS[route](body) if route in _PLAYER_ROWS else []


class _Reader:
    """Reads a player row of one route: his name, his points, the game it belongs to."""

    def __init__(self, route: str, body: Any) -> None:
        self._route = route
        log = route == "stats-nba/leaguegamelog"
        self._at = {name: at for at, name in enumerate(body["resultSets"][0]["headers"] if log else [])}

    def name(self, row: Any) -> str:
        if self._at:
            return str(row[self._at["PLAYER_NAME"]]) if "PLAYER_NAME" in self._at else ""
        if self._route in ("balldontlie/stats", "balldontlie/player_injuries"):
            return f"{row['player']['first_name']} {row['player']['last_name']}".strip()
        for holder in (row, row.get("athlete", {})):
            for key in ("description", "name", "displayName"):
                if key in holder:
                    return str(holder[key])
        return ""

    def points(self, row: Any) -> int:
        if self._at:
            return int(row[self._at["PTS"]])
        if self._route == "espn/summary":
            return int(row["stats"][-1]) if row["stats"] else -1
        if self._route == "nba-cdn/boxscore":
            return int(row["statistics"]["points"])
        return int(row.get("pts") or row.get("point") or 0)

    def game(self, row: Any) -> str | None:
        if self._at:
            return str(row[self._at["GAME_ID"]])
        return str(row["game"]["id"]) if self._route == "balldontlie/stats" else None


def _lose_game(fault: Fault, body: Any, names: set[str]) -> bool:
    for rows, key in _game_rows(fault.route, body):
        for row in rows:
            if not names or str(row[key]) in names:
                rows.remove(row)
                return True
    reader = _Reader(fault.route, body)
    for rows in _player_rows(fault.route, body):
        lost: set[str | None] = {*names} or {reader.game(row) for row in rows[:1]}
        kept = [row for row in rows if reader.game(row) not in lost]
        if len(kept) < len(rows):
            rows[:] = kept
            return True
    return False


def _of_fault(fault: Fault, reader: _Reader, row: Any, names: set[str]) -> bool:
    player = fault.match.get("player")
    game = reader.game(row)
    return (player is None or reader.name(row) == player) and (not names or game is None or game in names)


def _lose_player(fault: Fault, body: Any, names: set[str]) -> bool:
    reader = _Reader(fault.route, body)
    lists = _player_rows(fault.route, body)
    rows = [row for rows in lists for row in rows if _of_fault(fault, reader, row, names)]
    if not rows:
        return False
    lost = reader.name(max(rows, key=reader.points))
    game = reader.game(max(rows, key=reader.points))
    for one in lists:
        one[:] = [row for row in one if reader.name(row) != lost or reader.game(row) != game]
    return True


def _add_points(fault: Fault, body: Any, names: set[str]) -> bool:
    delta = int(fault.number)
    if fault.route == "nba-cdn/boxscore":
        body["game"]["homeTeam"]["score"] += delta
        return True
    if fault.route == "espn/summary":
        return _add_to_text(body["header"]["competitions"][0]["competitors"], delta)
    for rows, key in _game_rows(fault.route, body):
        for row in rows:
            if (not names or str(row[key]) in names) and _add_to_game(fault.route, row, delta):
                return True
    reader = _Reader(fault.route, body)
    headers = body["resultSets"][0]["headers"] if "resultSets" in body else []
    for rows in _player_rows(fault.route, body):
        for row in rows:
            if _of_fault(fault, reader, row, names):
                row[headers.index("PTS") if headers else "pts"] += delta
                return True
    return False


def _clear_score(fault: Fault, body: Any, names: set[str]) -> bool:
    """Set 0 to 0 for a game that is over."""
    if fault.route == "nba-cdn/boxscore":
        for side in ("homeTeam", "awayTeam"):
            body["game"][side]["score"] = 0
        return True
    if fault.route == "espn/summary":
        return _clear_texts(body["header"]["competitions"][0])
    for rows, key in _game_rows(fault.route, body):
        for row in rows:
            if (not names or str(row[key]) in names) and _clear_game(fault.route, row):
                return True
    return False


def _clear_game(route: str, row: Any) -> bool:
    if route == "nba-cdn/schedule" and row["gameStatus"] == 3:
        row["homeTeam"]["score"] = row["awayTeam"]["score"] = 0
        return True
    if route == "balldontlie/games" and row["status"] == "Final":
        row["home_team_score"] = row["visitor_team_score"] = 0
        return True
    return route == "espn/scoreboard" and _clear_texts(row["competitions"][0])


def _clear_texts(competition: dict[str, Any]) -> bool:
    if not competition["status"]["type"]["completed"]:
        return False
    for side in competition["competitors"]:
        side["score"] = "0"
    return True


def _move_lines(fault: Fault, body: Any, names: set[str]) -> bool:
    """Move every line of the answer, or of one player."""
    reader = _Reader(fault.route, body)
    rows = [r for rows in _player_rows(fault.route, body) for r in rows if _of_fault(fault, reader, r, names)]
    for row in rows:
        row["point"] += fault.number
    return bool(rows)


def _add_to_game(route: str, row: Any, delta: int) -> bool:
    """Add to the home score of a game that has one."""
    if route == "nba-cdn/schedule" and row["gameStatus"] == 3:
        row["homeTeam"]["score"] += delta
        return True
    if route == "balldontlie/games" and row["status"] == "Final":
        row["home_team_score"] += delta
        return True
    if route == "espn/scoreboard" and row["status"]["type"]["completed"]:
        return _add_to_text(row["competitions"][0]["competitors"], delta)
    return False


def _add_to_text(competitors: Iterable[dict[str, Any]], delta: int) -> bool:
    home = next(it for it in competitors if it["homeAway"] == "home")
    home["score"] = str(int(home["score"]) + delta)
    return True


def _repeat(fault: Fault, body: Any, names: set[str]) -> bool:
    for rows, key in _game_rows(fault.route, body):
        for at, row in enumerate(rows):
            if not names or str(row[key]) in names:
                rows.insert(at, row)
                return True
    reader = _Reader(fault.route, body)
    for rows in _player_rows(fault.route, body):
        for at, row in enumerate(rows):
            if _of_fault(fault, reader, row, names):
                rows.insert(at, row)
                return True
    return False
