"""What a fault does to the form of an answer: a field more, a field less, something else altogether."""

from __future__ import annotations

import json
from typing import Any

from replay.faults import Fault
from replay.reply import Reply, encode

NEW_FIELD = "addedLately"
#: A field of each route that nobody can do without.
_NEEDED = {
    "nba-cdn/schedule": "gameCode",
    "nba-cdn/boxscore": "points",
    "stats-nba/leaguegamelog": "PTS",
    "odds-api/events": "commence_time",
    "odds-api/event-odds": "point",
    "odds-api/historical-events": "commence_time",
    "odds-api/historical-event-odds": "point",
    "espn/scoreboard": "competitors",
    "espn/summary": "labels",
    "espn/injuries": "status",
    "espn/roster": "displayName",
    "balldontlie/games": "status",
    "balldontlie/stats": "pts",
    "balldontlie/player_injuries": "status",
}
_PAGE = b"<!doctype html><title>Just a moment...</title><p>Checking your browser."
_OTHERS = {"null": b"null", "text": b'"temporarily unavailable"', "page": _PAGE, "empty": b""}


def reshaped(reply: Reply, fault: Fault) -> Reply | None:
    """Return the answer in another form, or None when it has nothing to add to or to take away."""
    if reply.status != 200:
        return None
    media_type = reply.media_type
    if fault.kind == "wrong_json":
        shape = fault.value or "list"
        body = _OTHERS[shape] if shape in _OTHERS else _other_list(json.loads(reply.body))
        media_type = "text/html" if shape == "page" else media_type
    else:
        told = json.loads(reply.body)
        if fault.kind == "unknown_field":
            found = _add(told, fault.value or NEW_FIELD)
        else:
            found = _take(told, fault.value or _NEEDED[fault.route])
        if not found:
            return None
        body = encode(told).encode()
    return Reply(body, 200, media_type, reply.headers, reply.about)


def _other_list(told: Any) -> bytes:
    """An object where a list was, and a list where an object was."""
    return encode({"items": told} if isinstance(told, list) else [told]).encode()


def _add(told: Any, name: str) -> bool:
    """Add the field to every object, and to tables that are written as headers and rows."""
    found = False
    if isinstance(told, list):
        for one in told:
            found |= _add(one, name)
    elif isinstance(told, dict):
        for one in list(told.values()):
            _add(one, name)
        if _is_table(told):
            told["headers"].append(name)
            for row in told["rowSet"]:
                row.append(0)
        told[name] = {"since": "today", "values": [1, None]}
        found = True
    return found


def _take(told: Any, name: str) -> bool:
    """Take the field from every object that has it, and the column from such tables."""
    found = False
    if isinstance(told, list):
        for one in told:
            found |= _take(one, name)
    elif isinstance(told, dict):
        if name in told:
            del told[name]
            found = True
        for one in told.values():
            found |= _take(one, name)
        if _is_table(told) and name in told["headers"]:
            at = told["headers"].index(name)
            for row in (told["headers"], *told["rowSet"]):
                del row[at]
            found = True
    return found


def _is_table(told: dict[str, Any]) -> bool:
    return "headers" in told and "rowSet" in told
