"""The worlds a round can be lived in: edits of the league that last the whole round and change the truth.

Whatever a round's faults do, its final tables must be those of an undisturbed run of the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Edit = dict[str, Any]
"""The body of a POST to `{replay_url}/faults`, without `times`: it lasts the round."""


@dataclass(frozen=True)
class World:
    """One world."""

    name: str
    about: str
    """What is different, for the documentation."""
    edits: Callable[[Sequence[date], str], Sequence[Edit]]
    """From the round's days and the base URL of its replay server, where games can be looked up. Called
    again whenever the replay server was started again, so it must give the same each time."""
    sources: tuple[str, ...] = ("recorded", "simulated")
    """The leagues in which it can be lived."""


CALM = World("calm", "the league as it is", lambda _days, _url: ())

WORLDS: tuple[World, ...] = (CALM,)
"""The calm one first. The plan deals the others out evenly."""
