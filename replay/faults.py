"""Faults on demand: which are set, whether they can be, and which of them a request meets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from replay.fault_values import NEEDED, VALUES, possible
from replay.reply import Reply, encode
from replay.routes import ACTS, CHANGE_MATCH, CHANGES, EVERYBODY, Acts

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
        return self.kind in {
            "missing_game",
            "missing_player",
            "wrong_total",
            "moved_line",
            "duplicate_row",
            "no_score",
        }


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
        route = str(wish.get("route"))
        if route not in ACTS:
            raise BadFaultError("route", wish.get("route"), sorted(ACTS))
        kind = wish.get("kind")
        if not isinstance(kind, str) or kind not in ACTS[route].kinds:
            raise BadFaultError("kind", kind, list(ACTS[route].kinds))
        value = wish.get("value")
        if not possible(kind, value):
            raise BadFaultError("value", value, VALUES[kind])
        times = wish.get("times")
        if times is not None and (kind in CHANGES or type(times) is not int or times < 1):
            endless = "null: a change has no end"
            raise BadFaultError(
                "times", times, endless if kind in CHANGES else "a whole number from 1, or null"
            )
        match = _match(kind, value, wish.get("match"), ACTS[route])
        with self._lock:
            self._made += 1
            fault = Fault(
                id=f"fault-{self._made}",
                route=route,
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
        """Return the route's faults that have times left; not the changes of what happened."""
        return [it for it in self.listed() if it.route == route and it.left != 0 and it.kind not in CHANGES]

    def told_on(self, route: str) -> list[Fault]:
        """Return the changes of what happened that the route tells of: everybody's, and its own."""
        return [it for it in self.listed() if it.kind in CHANGES and it.route in (EVERYBODY, route)]

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


def _match(kind: str, value: Any, wished: object, acts: Acts) -> dict[str, Any]:
    """What the fault names. Raises BadFaultError for a key that the route hasn't, or a name that lacks."""
    keys = CHANGE_MATCH if kind in CHANGES else acts.match
    if wished is not None and (not isinstance(wished, dict) or not set(wished) <= set(keys)):
        raise BadFaultError("match", wished, list(keys))
    match = dict(wished) if isinstance(wished, dict) else {}
    if kind in _NAMED_BY and value is not None:
        match.setdefault(_NAMED_BY[kind], value)
    if kind in NEEDED and not match.get(NEEDED[kind]):
        raise BadFaultError("match", match, f"{NEEDED[kind]} is needed")
    return match
