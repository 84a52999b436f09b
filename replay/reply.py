"""What a wire module answers, before it is put on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from replay.league import Game, League

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Ask:
    """One request to an upstream: when it is, what it asks for, with which headers.

    `path` holds the parts of the URL that vary (a game id, a team); `query` keeps repeats;
    header names are in lower case.
    """

    as_of: datetime
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return (self.query.get(name) or [default])[0]

    def many(self, name: str) -> list[str]:
        """Return every value of a parameter written `name[]=a&name[]=b` or `name=a,b`."""
        values = [*self.query.get(f"{name}[]", []), *self.query.get(name, [])]
        return [part for value in values for part in value.split(",") if part]


@dataclass(frozen=True)
class Reply:
    """One answer. `about` names what it is about, by match key, so that a fault can find it."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, frozenset[str]] = field(default_factory=dict)


Handler = Callable[[League, Ask], Reply]


def encode(value: Any) -> str:
    """Return compact JSON with the names' accents as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reply(
    value: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    about: Mapping[str, frozenset[str]] | None = None,
) -> Reply:
    """Return a JSON answer."""
    body = value if isinstance(value, str) else encode(value)
    return Reply(body.encode(), status, JSON, headers or {}, about or {})


def about_game(game: Game) -> dict[str, frozenset[str]]:
    """Return the match keys of an answer about one game."""
    return {
        "game_id": frozenset(game.aliases()),
        "date": frozenset({game.game_date.isoformat()}),
    }
