"""What a phase of one day needs of the day before, read off the registry.

A window that ends before the game date, or covers the dates that a run brings in, holds rows that the day
before wrote. So a day may begin a phase while the day before still works on a later one: that is how several
days are run at once and come out as if they had been run one after another.
"""

from __future__ import annotations

from functools import cache

from shared.phases import PHASES, phase_named
from shared.registry import Window

_OF_THE_DAY_BEFORE = frozenset({Window.BEFORE, Window.SCOPE, Window.UP_TO})


@cache
def needs_of_day_before(phase: str) -> frozenset[str]:
    """The phases that the day before must have behind it when a day begins this one.

    Raises:
        BadRequest: there is no such phase.
    """
    tables = {
        read.table
        for processor in phase_named(phase).processors
        for read in processor.reads
        if read.window in _OF_THE_DAY_BEFORE
    }
    return frozenset(
        other.name for other in PHASES if any(processor.table in tables for processor in other.processors)
    )


NEEDED_BY_DAY_AFTER = frozenset().union(*(needs_of_day_before(phase.name) for phase in PHASES))
"""The phases that some phase of the day after needs."""
