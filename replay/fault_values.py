"""Which values a fault can have, by kind, and in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from replay.asof import parse_instant

#: What a fault's value may be, by kind, in words.
VALUES = {
    "status": "an HTTP status from 400 to 599, or {code, retry_after: seconds}",
    "echo": "an HTTP status from 400 to 599; the body repeats what was asked, keys too",
    "latency": "seconds, from 0 to 600",
    "drip": "seconds before each of twenty pieces of the body, from 0 to 60",
    "truncated": "nothing (half of the body), or the share of it that is kept, from 0 to 1",
    "stale_copy": "nothing (a day), or the age in seconds",
    "moved_line": "points added to every line, in halves, not 0",
    "missing_game": "nothing (or name the game in match.game_id)",
    "missing_player": "nothing (the top scorer), or the player's name",
    "wrong_total": "nothing (1), or the points to add",
    "no_score": "nothing: 0 to 0, and final",
    "duplicate_row": "nothing",
    "unknown_field": "nothing, or the new field's name",
    "removed_field": "nothing (one that is needed), or the field's name",
    "wrong_json": "nothing (list), or one of list, null, text, page, empty",
    "postponed_game": "nothing, or {to: the new date, called_off: an instant (the tip), known: when the new "
    "date is told (noon Eastern of the day after)}; match.game_id is needed",
    "corrected_box": "nothing, or {points: 1 to 9 too many (2), until: an instant (the second midnight "
    "after)}; match.game_id is needed, match.player possible",
    "renamed_player": "the new name, or {to: name, from: a date, id: keep or lose}; match.player is needed",
    "late_tip": "nothing (23:30), or the Eastern time as HH:MM, before 03:00 in the night that follows; "
    "match.game_id is needed",
}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
SHAPES = ("list", "null", "text", "page", "empty")
#: What a change must name in its match, by kind.
NEEDED = {
    "postponed_game": "game_id",
    "corrected_box": "game_id",
    "late_tip": "game_id",
    "renamed_player": "player",
}


def possible(kind: str, value: Any) -> bool:
    """Return whether a fault of that kind can have that value."""
    if kind in _STRICT:
        return _STRICT[kind](value)
    return value is None or (kind in _OPTIONAL and _OPTIONAL[kind](value))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _status(value: Any) -> bool:
    if isinstance(value, dict):
        after = value.get("retry_after", 0)
        return set(value) <= {"code", "retry_after"} and _number(after) and _status(value.get("code"))
    return type(value) is int and 400 <= value <= 599


def _reads(read: Callable[[str], Any]) -> Callable[[Any], bool]:
    def reads(value: Any) -> bool:
        try:
            read(value)
        except (TypeError, ValueError):
            return False
        return True

    return reads


_instant, _date = _reads(parse_instant), _reads(date.fromisoformat)


def _made_of(parts: Mapping[str, Callable[[Any], bool]], needed: str = "") -> Callable[[Any], bool]:
    def made_of(value: Any) -> bool:
        known = isinstance(value, dict) and set(value) <= set(parts) and (not needed or needed in value)
        return known and all(parts[name](value[name]) for name in value)

    return made_of


_renaming = _made_of({"to": _name, "from": _date, "id": lambda it: it in ("keep", "lose")}, needed="to")
_STRICT: dict[str, Callable[[Any], bool]] = {
    "status": _status,
    "echo": lambda value: type(value) is int and 400 <= value <= 599,
    "latency": lambda value: _number(value) and 0 <= value <= 600,
    "drip": lambda value: _number(value) and 0 <= value <= 60,
    "renamed_player": lambda value: _name(value) or _renaming(value),
}
_OPTIONAL: dict[str, Callable[[Any], bool]] = {
    "truncated": lambda value: _number(value) and 0 <= value < 1,
    "stale_copy": lambda value: _number(value) and value > 0,
    "wrong_total": lambda value: type(value) is int and value != 0,
    "moved_line": lambda value: _number(value) and value != 0 and value * 2 == int(value * 2),
    "missing_player": _name,
    "missing_game": _name,
    "unknown_field": _name,
    "removed_field": _name,
    "wrong_json": lambda value: value in SHAPES,
    "postponed_game": _made_of({"to": _date, "called_off": _instant, "known": _instant}),
    "corrected_box": _made_of({"points": lambda it: type(it) is int and 1 <= it <= 9, "until": _instant}),
    "late_tip": lambda it: isinstance(it, str) and bool(_CLOCK.fullmatch(it)),
}
