"""Faults on demand: which are set, whether they can be, and which of them a request meets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from replay.reply import Reply, encode
from replay.routes import BY_NAME

#: What a fault's value may be, by kind, in words.
VALUES = {
    "status": "an HTTP status from 400 to 599, or {code, retry_after: seconds}",
    "echo": "an HTTP status from 400 to 599; the body repeats what was asked, keys too",
    "latency": "seconds, from 0 to 600",
    "truncated": "nothing (half of the body), or the share of it that is kept, from 0 to 1",
    "stale_copy": "nothing (a day), or the age in seconds",
    "moved_line": "points added to every line, in halves, not 0",
    "missing_game": "nothing (or name the game in match.game_id)",
    "missing_player": "nothing (the top scorer), or the player's name",
    "wrong_total": "nothing (1), or the points to add",
    "duplicate_row": "nothing",
}
DAY = 86_400.0
KEPT_CHANGES = 200
LONGEST_WHY = 500
#: Who changes the faults, and why; kept with each change.
_WHY = ("requested_by", "reason")
#: The kinds whose value is short for a match key.
_NAMED_BY = {"missing_game": "game_id", "missing_player": "player"}


class BadFaultError(ValueError):
    """A fault that can't be set: which field is wrong, and what is possible."""

    def __init__(self, name: str, got: object, possible: object) -> None:
        super().__init__(f"{name}: {got!r} is not possible")
        self.body = {"field": name, "got": got, "possible": possible, "message": str(self)}


@dataclass
class Fault:
    """One fault that is set; `left` is None for one without end."""

    id: str
    route: str
    kind: str
    value: Any
    left: int | None
    match: Mapping[str, str] = field(default_factory=dict)
    hits: int = 0

    @property
    def number(self) -> float:
        """The value as a number, or the kind's default."""
        defaults = {"truncated": 0.5, "stale_copy": DAY, "wrong_total": 1.0, "moved_line": 1.0}
        return defaults.get(self.kind, 0.0) if self.value is None else float(self.value)

    def shown(self) -> dict[str, Any]:
        """Return the fault as the admin routes show it."""
        return {
            "id": self.id,
            "route": self.route,
            "kind": self.kind,
            "value": self.value,
            "times": self.left,
            "match": dict(self.match),
            "hits": self.hits,
        }

    def concerns(self, reply: Reply) -> bool:
        """Return whether the answer is about what the fault names.

        An answer that doesn't say (a whole season) may still hold the game or the player: the
        edit looks there.
        """
        for key, wanted in self.match.items():
            if key in reply.about:
                if wanted not in reply.about[key]:
                    return False
            elif key == "player":
                if encode(wanted)[1:-1].encode() not in reply.body and not self.edits:
                    return False
            elif key not in {"game_id", "event_id"} or not self.edits:
                return False
        return True

    @property
    def edits(self) -> bool:
        """Whether the fault changes rows of the body."""
        return self.kind in {"missing_game", "missing_player", "wrong_total", "moved_line", "duplicate_row"}


class Faults:
    """The faults that are set, in the order they were."""

    def __init__(self) -> None:
        self._set: dict[str, Fault] = {}
        self._made = 0
        self._changes: deque[dict[str, str]] = deque(maxlen=KEPT_CHANGES)
        self._lock = threading.Lock()

    def _record(self, what: str, fault_id: str, said: Mapping[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        by_whom = {name: str(said.get(name, ""))[:LONGEST_WHY] for name in _WHY}
        self._changes.append({"at": at, "what": what, "fault": fault_id, **by_whom})

    def changes(self) -> list[dict[str, str]]:
        """Return who set and removed what, when and why; the last ones, oldest first."""
        with self._lock:
            return list(self._changes)

    def add(self, wish: object) -> Fault:
        """Set a fault. Raises BadFaultError, naming the field and what is possible."""
        if not isinstance(wish, dict):
            raise BadFaultError("body", type(wish).__name__, "a JSON object")
        fields = ("route", "kind", "value", "times", "match", *_WHY)
        for name in wish:
            if name not in fields:
                raise BadFaultError(str(name), wish[name], list(fields))
        route = BY_NAME.get(str(wish.get("route")))
        if route is None:
            raise BadFaultError("route", wish.get("route"), sorted(BY_NAME))
        kind = wish.get("kind")
        if not isinstance(kind, str) or kind not in route.kinds:
            raise BadFaultError("kind", kind, list(route.kinds))
        value = wish.get("value")
        if not _possible(kind, value):
            raise BadFaultError("value", value, VALUES[kind])
        times = wish.get("times")
        if times is not None and (type(times) is not int or times < 1):
            raise BadFaultError("times", times, "a whole number from 1, or null for no end")
        match = dict(wish["match"]) if isinstance(wish.get("match"), dict) else wish.get("match")
        match = {} if match is None else match
        if not isinstance(match, dict) or not set(match) <= set(route.match):
            raise BadFaultError("match", match, list(route.match))
        if kind in _NAMED_BY and value is not None:
            match.setdefault(_NAMED_BY[kind], value)
        with self._lock:
            self._made += 1
            fault = Fault(
                id=f"fault-{self._made}",
                route=route.name,
                kind=kind,
                value=value,
                left=times,
                match={key: str(wanted) for key, wanted in match.items()},
            )
            self._set[fault.id] = fault
            self._record("set", fault.id, wish)
        return fault

    def listed(self) -> list[Fault]:
        """Return the faults that are set."""
        with self._lock:
            return list(self._set.values())

    def on(self, route: str) -> list[Fault]:
        """Return the route's faults that have times left."""
        return [it for it in self.listed() if it.route == route and it.left != 0]

    def spend(self, fault: Fault) -> bool:
        """Count one use of the fault; False when another request took the last."""
        with self._lock:
            if fault.left == 0:
                return False
            if fault.left is not None:
                fault.left -= 1
            fault.hits += 1
            return True

    def remove(self, fault_id: str | None, said: Mapping[str, Any]) -> int:
        """Remove one fault, or all; return how many there were. `said`: `requested_by` and `reason`."""
        with self._lock:
            gone = [fault_id] if fault_id in self._set else []
            gone = list(self._set) if fault_id is None else gone
            for one in gone:
                del self._set[str(one)]
                self._record("removed", str(one), said)
        return len(gone)


def _possible(kind: str, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "status":
        return _possible_status(value)
    if kind == "echo":
        return type(value) is int and 400 <= value <= 599
    if kind == "latency":
        return number and 0 <= value <= 600
    possible = {
        "truncated": number and 0 <= value < 1,
        "stale_copy": number and value > 0,
        "wrong_total": type(value) is int and value != 0,
        "moved_line": number and value != 0 and value * 2 == int(value * 2),
        "missing_player": isinstance(value, str),
        "missing_game": isinstance(value, str),
    }
    return value is None or possible.get(kind, False)


def _possible_status(value: Any) -> bool:
    if isinstance(value, dict):
        after = value.get("retry_after", 0)
        return (
            set(value) <= {"code", "retry_after"}
            and isinstance(after, int | float)
            and _possible_status(value.get("code"))
        )
    return type(value) is int and 400 <= value <= 599
